package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.limit.Traffic;
import dev.millrace.ingest.limit.Traffic.Reason;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hands what requests came, and which of them were refused for being too many, over to the records. */
final class Visits {
    private static final String OPERATION = "millrace-operation";

    private final Traffic traffic;
    private final Turnstile turnstile;

    Visits(Traffic traffic, Turnstile turnstile) {
        this.traffic = traffic;
        this.turnstile = turnstile;
    }

    /** Notes what is asked for. */
    void begin(Context ctx, Operation operation) {
        ctx.attribute(OPERATION, operation);
    }

    /** Counts an answer, if it is known who asked. */
    void end(Context ctx) {
        @Nullable Operation operation = ctx.attribute(OPERATION);
        @Nullable String client = client(Door.knownCaller(ctx));
        if (operation != null && client != null) {
            traffic.answered(client, operation.word(), ctx.statusCode());
        }
    }

    /** Notes a refusal, if it is for there being too many requests or events. */
    void refused(Context ctx, Operation operation, Problem problem) {
        if (problem.type().status() != 429) {
            return;
        }
        List<String> why = problem.type() == ProblemType.QUOTA_EXCEEDED ? problem.violatedPolicies() : List.of(problem.type().slug());
        why.forEach(reason -> note(ctx, operation, reason, 1));
    }

    /** Notes how many items of a request that brings many were refused for there being too many events: once, however many they are. */
    void refusedItems(Context ctx, ProblemType type, int count) {
        @Nullable Operation operation = ctx.attribute(OPERATION);
        if (operation != null && type.status() == 429) {
            note(ctx, operation, type.slug(), count);
        }
    }

    private void note(Context ctx, Operation operation, String why, int count) {
        @Nullable Caller caller = Door.knownCaller(ctx);
        @Nullable String user = caller instanceof Caller.User person ? person.user() : null;
        traffic.refused(new Reason(why, client(caller), user, turnstile.address(ctx).getHostAddress(), operation.word()), count);
    }

    private static @Nullable String client(@Nullable Caller caller) {
        return switch (caller) {
            case Caller.Client client -> client.client();
            case Caller.User user -> user.client();
            case Caller.Admin _ -> null;
            case null -> null;
        };
    }
}
