package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Lets callers in, and only where they belong. Every request passes it before its handler sees it. */
final class Door {
    private static final String CALLER = "millrace-caller";
    private static final int UNAUTHENTICATED = 401;
    private static final Duration SOON = Duration.ofSeconds(1);

    private final List<Authenticator> authenticators;

    /**
     * @param authenticators in the order in which they are asked: the first kind of credentials that a request has decides
     */
    Door(List<Authenticator> authenticators) {
        this.authenticators = List.copyOf(authenticators);
    }

    /**
     * Finds out who calls, unless the operation is for anyone, and whether they may; the handler gets them by {@link #caller}.
     *
     * @throws ProblemException if they are nobody, may not come in, or can't be known now
     */
    void enter(Context ctx, Operation operation) {
        if (operation.access() == Access.ANYONE) {
            return;
        }
        Caller caller = authenticate(ctx, operation);
        ctx.attribute(CALLER, caller);
        operation.access().refusal(caller).ifPresent(refusal -> {
            throw new ProblemException(refusal);
        });
    }

    /** Who called, once let in. */
    static Caller caller(Context ctx) {
        return Objects.requireNonNull(ctx.attribute(CALLER), "the operation is for anyone");
    }

    /** Who called, let in or not; null where that is not known. */
    static @Nullable Caller knownCaller(Context ctx) {
        return ctx.attribute(CALLER);
    }

    /** The id of the client that called, or whose user did, where the administrator is not let in. */
    static String client(Context ctx) {
        return switch (caller(ctx)) {
            case Caller.Client client -> client.client();
            case Caller.User user -> user.client();
            case Caller.Admin _ -> throw new IllegalStateException("the administrator has no client");
        };
    }

    private Caller authenticate(Context ctx, Operation operation) {
        try {
            for (Authenticator authenticator : authenticators) {
                @Nullable Caller caller = authenticator.caller(ctx);
                if (caller != null) {
                    return caller;
                }
            }
        } catch (ProblemException e) {
            if (e.problem().type().status() == UNAUTHENTICATED) {
                challenge(ctx);
            }
            throw e;
        } catch (RedisUnavailableException e) {
            Problem away = Problem.of(ProblemType.UNAVAILABLE, "Who calls can't be found out: Redis does not answer.").retryAfter(SOON);
            throw new ProblemException(operation.appends() ? away.outcome(Problem.Outcome.NOT_APPENDED) : away);
        }
        challenge(ctx);
        throw new ProblemException(ProblemType.UNAUTHENTICATED, "Send an API key in the header " + KeyAuthenticator.HEADER
                + ", or a user's token or session as Authorization: Bearer.");
    }

    private void challenge(Context ctx) {
        ctx.header("WWW-Authenticate", String.join(", ", authenticators.stream().map(Authenticator::challenge).toList()));
    }
}
