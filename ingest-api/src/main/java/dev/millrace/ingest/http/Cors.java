package dev.millrace.ingest.http;

import io.javalin.http.Context;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Lets pages of other origins call from a browser, where the deployment names these origins; by default there is none, and browsers keep all
 * answers from them. It is no door: whoever calls must still say who they are.
 */
final class Cors {
    /** Seconds for which a browser need not ask again; more is not kept by all. */
    private static final String MAX_AGE = "600";
    private static final String HEADERS = "Authorization, Content-Type, Content-Encoding, Idempotency-Key, X-Api-Key, X-Csrf-Token, "
            + "If-None-Match, traceparent, ce-specversion, ce-id, ce-source, ce-type, ce-subject, ce-time, ce-partitionkey";
    private static final String EXPOSED = "Location, Retry-After, Idempotency-Replayed, RateLimit, RateLimit-Policy, WWW-Authenticate, "
            + "Allow, Accept-Encoding, ETag, Millrace-Source";

    private final Set<String> origins;

    /**
     * @param origins as browsers write them
     */
    Cors(Set<String> origins) {
        this.origins = Set.copyOf(origins);
    }

    /** Whether any origin is named. */
    boolean on() {
        return !origins.isEmpty();
    }

    /**
     * Says on an answer whether a page may read it. Cookies go along for pages that came by HTTPS only: what came by HTTP may have been changed
     * on its way, and would act in the name of whoever looks at it.
     */
    void describe(Context ctx) {
        if (!on()) {
            return;
        }
        ctx.header("Vary", "Origin");
        @Nullable String origin = ctx.header("Origin");
        if (origin != null && origins.contains(origin)) {
            ctx.header("Access-Control-Allow-Origin", origin);
            ctx.header("Access-Control-Expose-Headers", EXPOSED);
            if (origin.startsWith("https://")) {
                ctx.header("Access-Control-Allow-Credentials", "true");
            }
        }
    }

    /** Answers what a browser asks before it sends a request that a page without scripts could not: what may be sent to a path. */
    static void preflight(Context ctx, String path) {
        Set<String> methods = new TreeSet<>();
        for (Operation operation : Operation.values()) {
            if (operation.path().equals(path)) {
                methods.add(operation.method().name());
            }
        }
        if (methods.contains(Operation.Method.GET.name())) {
            methods.add("HEAD");
        }
        String allowed = String.join(", ", methods);
        ctx.status(204).header("Allow", allowed);
        if (ctx.res().getHeader("Access-Control-Allow-Origin") != null) {
            ctx.header("Access-Control-Allow-Methods", allowed);
            ctx.header("Access-Control-Allow-Headers", HEADERS);
            ctx.header("Access-Control-Max-Age", MAX_AGE);
        }
    }

    /** Every path that there is, once; the longest first, because what fits {@code {lane}:pause} fits {@code {lane}} too. */
    static List<String> paths() {
        return Arrays.stream(Operation.values()).map(Operation::path).distinct().sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }
}
