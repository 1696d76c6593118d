package dev.millrace.ingest.http;

import java.util.Map;

/** Headers of every answer: nothing here is a page, and nothing is to be kept by anyone in between. */
final class SecurityHeaders {
    static final Map<String, String> ALL = Map.of("X-Content-Type-Options", "nosniff", "Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'", "Cache-Control", "no-store", "Referrer-Policy", "no-referrer");

    private SecurityHeaders() {}
}
