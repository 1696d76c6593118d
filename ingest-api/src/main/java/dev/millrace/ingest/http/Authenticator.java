package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/** Knows callers by one kind of credentials. */
interface Authenticator {
    /**
     * Who sent a request.
     *
     * @return null if it has no credentials of this kind
     * @throws ProblemException if it has, and they are nobody's
     * @throws RedisUnavailableException if whose they are can't be found out
     */
    @Nullable Caller caller(Context ctx);

    /** How to authenticate this way, as {@code WWW-Authenticate} has it. */
    String challenge();
}
