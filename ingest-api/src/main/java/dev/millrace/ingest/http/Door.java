package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Authentication;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/** Lets callers in by their key, and only where they belong. */
final class Door {
    static final String KEY_HEADER = "X-Api-Key";

    private final Authentication authentication;

    Door(Authentication authentication) {
        this.authentication = authentication;
    }

    /**
     * Who calls.
     *
     * @throws ProblemException if the request has no key, or nobody's
     * @throws RedisUnavailableException if that can't be found out
     */
    Caller caller(Context ctx) {
        @Nullable String key = ctx.header(KEY_HEADER);
        if (key == null) {
            throw unauthenticated(ctx, "Send an API key in the header " + KEY_HEADER + '.');
        }
        return authentication.holder(key).orElseThrow(() -> unauthenticated(ctx, "The key in " + KEY_HEADER + " is nobody's."));
    }

    /**
     * The id of the client that calls.
     *
     * @throws ProblemException also if it is not a client
     */
    String client(Context ctx) {
        if (caller(ctx) instanceof Caller.Client client) {
            return client.client();
        }
        throw new ProblemException(ProblemType.FORBIDDEN, "The administrator has no events or boards; use a client's key.");
    }

    /**
     * Passes for the administrator only.
     *
     * @throws ProblemException for everyone else
     */
    void admin(Context ctx) {
        if (!(caller(ctx) instanceof Caller.Admin)) {
            throw new ProblemException(ProblemType.FORBIDDEN, "Only the administrator may do that.");
        }
    }

    private static ProblemException unauthenticated(Context ctx, String detail) {
        ctx.header("WWW-Authenticate", "ApiKey realm=\"millrace\", header=\"" + KEY_HEADER + '"');
        return new ProblemException(ProblemType.UNAUTHENTICATED, detail);
    }
}
