package dev.millrace.ingest.http;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The cookie that brings a session from a browser. Its name makes browsers hold it to this host, to HTTPS (or the loopback interface) and to
 * the path {@code /}, so that no neighbour can plant one; scripts can't read it.
 */
final class SessionCookie {
    static final String NAME = "__Host-millrace";
    /** Brings the proof that the sender could read an answer of ours, which a page elsewhere can't. */
    static final String CSRF_HEADER = "X-Csrf-Token";

    private SessionCookie() {}

    static @Nullable String of(Context ctx) {
        return ctx.cookie(NAME);
    }

    static void set(Context ctx, String secret, Duration forThis) {
        ctx.cookie(cookie(secret, (int) forThis.toSeconds()));
    }

    static void clear(Context ctx) {
        ctx.cookie(cookie("", 0));
    }

    private static Cookie cookie(String value, int maxAge) {
        return new Cookie(NAME, value, "/", maxAge, true, true, null, SameSite.LAX);
    }
}
