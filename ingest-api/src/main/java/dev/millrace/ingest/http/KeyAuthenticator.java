package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Authentication;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/** Knows clients and the administrator by their keys. */
final class KeyAuthenticator implements Authenticator {
    static final String HEADER = "X-Api-Key";

    private final Authentication authentication;

    KeyAuthenticator(Authentication authentication) {
        this.authentication = authentication;
    }

    @Override
    public @Nullable Caller caller(Context ctx) {
        @Nullable String key = ctx.header(HEADER);
        if (key == null) {
            return null;
        }
        return authentication.holder(key)
                .orElseThrow(() -> new ProblemException(ProblemType.UNAUTHENTICATED, "The key in " + HEADER + " is nobody's."));
    }

    @Override
    public String challenge() {
        return "ApiKey realm=\"millrace\", header=\"" + HEADER + '"';
    }
}
