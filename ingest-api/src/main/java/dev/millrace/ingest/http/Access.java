package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.auth.Scope;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemType;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may come in at an operation. What they find there is their own client's only, save for the administrator, who names the client. */
enum Access {
    /** Anyone: nobody is asked who they are. */
    ANYONE(null),
    /** The administrator of the installation. */
    ADMINISTRATOR(null, Who.ADMINISTRATOR),
    /** Any key of the client that is asked for. */
    MEMBERS(null, Who.ADMINISTRATOR, Who.ANY_KEY),
    /** Users, of themselves. */
    USERS(null, Who.USERS),
    /** Producers, by a key for it. */
    PRODUCERS(Scope.EVENTS_WRITE),
    /** Producers, and users with what is their own. */
    PRODUCERS_AND_USERS(Scope.EVENTS_WRITE, Who.USERS),
    /** Producers, and the administrator. */
    PRODUCERS_AND_ADMINISTRATOR(Scope.EVENTS_WRITE, Who.ADMINISTRATOR),
    /** Those who read boards. */
    READERS(Scope.BOARDS_READ, Who.USERS),
    /** Those who look after what is stuck. */
    OPERATORS(Scope.DEAD_LETTERS_MANAGE, Who.ADMINISTRATOR),
    /** Those who keep a client's keys. */
    KEY_KEEPERS(Scope.ADMIN, Who.ADMINISTRATOR);

    private enum Who {
        ADMINISTRATOR,
        ANY_KEY,
        USERS
    }

    private final @Nullable Scope scope;
    // Immutable by Set.of, which the checker can't see from the type.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Who> others;

    /**
     * @param scope which keys may, null where it is not a matter of scope
     */
    Access(@Nullable Scope scope, Who... others) {
        this.scope = scope;
        this.others = Set.of(others);
    }

    /** The scope that a key must have, where that decides. */
    Optional<Scope> scope() {
        return Optional.ofNullable(scope);
    }

    /** Why a caller may not come in; empty if it may. */
    Optional<Problem> refusal(Caller caller) {
        return switch (caller) {
            case Caller.Admin _ when others.contains(Who.ADMINISTRATOR) -> Optional.empty();
            case Caller.Admin _ -> forbidden("The administrator has no events or boards; use a client's key.");
            case Caller.User _ when others.contains(Who.USERS) -> Optional.empty();
            case Caller.User _ -> forbidden(scope == null ? "Users may not do that."
                    : "Users may not do that; it takes a key with the scope "
                            + scope.word() + '.');
            case Caller.Client _ when others.contains(Who.ANY_KEY) -> Optional.empty();
            case Caller.Client client when scope != null -> client.scopes().contains(scope) ? Optional.empty()
                    : Optional.of(Problem.of(ProblemType.MISSING_SCOPE, "It takes a key with the scope " + scope.word() + '.'));
            case Caller.Client _ when others.contains(Who.USERS) -> forbidden("Only a user may do that.");
            case Caller.Client _ -> forbidden("Only the administrator may do that.");
        };
    }

    private static Optional<Problem> forbidden(String detail) {
        return Optional.of(Problem.of(ProblemType.FORBIDDEN, detail));
    }
}
