package dev.millrace.ingest.http;

import dev.millrace.ingest.limit.Ruling;
import dev.millrace.ingest.limit.Ruling.Standing;
import dev.millrace.schema.settings.LimitRule;
import io.javalin.http.Context;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells callers how they stand: {@code RateLimit-Policy} names the rules, {@code RateLimit} what is left by each and how long it is until
 * there is more (draft-ietf-httpapi-ratelimit-headers-10). A refusal names in {@code RateLimit} the rules that are in the way, and those
 * only.
 */
final class LimitHeaders {
    private static final String POLICY = "RateLimit-Policy";
    private static final String STANDING = "RateLimit";

    private final boolean older;

    /**
     * @param older whether to answer {@code RateLimit-Limit}, {@code RateLimit-Remaining} and {@code RateLimit-Reset} of earlier drafts too
     */
    LimitHeaders(boolean older) {
        this.older = older;
    }

    /** Adds a ruling to what is there of an earlier one. */
    void add(Context ctx, Ruling ruling) {
        if (ruling.standings().isEmpty()) {
            return;
        }
        extend(ctx, POLICY, ruling.standings().stream().map(standing -> policy(standing.rule())).collect(Collectors.joining(", ")));
        List<Standing> named = ruling.granted() ? ruling.standings() : ruling.violated();
        String standings = named.stream().map(LimitHeaders::standing).collect(Collectors.joining(", "));
        if (ruling.granted()) {
            extend(ctx, STANDING, standings);
        } else {
            ctx.header(STANDING, standings);
        }
        if (older) {
            addOlder(ctx, named);
        }
    }

    private static void extend(Context ctx, String header, String value) {
        @Nullable String before = ctx.res().getHeader(header);
        ctx.header(header, before == null ? value : before + ", " + value);
    }

    private static String policy(LimitRule rule) {
        return '"' + rule.name() + "\";q=" + rule.quota() + ";w=" + Math.ceilDiv(rule.window().toMillis(), 1_000);
    }

    private static String standing(Standing standing) {
        return '"' + standing.rule().name() + "\";r=" + standing.left() + ";t=" + standing.waitSeconds();
    }

    /** These have room for one rule: the one by which least is left, and of those the one that takes longest to leave more. */
    private static void addOlder(Context ctx, List<Standing> standings) {
        Standing tightest = standings.stream()
                .min(Comparator.comparingLong(Standing::left).thenComparing(Comparator.comparingLong(Standing::waitMicros).reversed()))
                .orElseThrow();
        @Nullable String before = ctx.res().getHeader("RateLimit-Remaining");
        if (before == null || tightest.left() <= Long.parseLong(before)) {
            ctx.header("RateLimit-Limit", Long.toString(tightest.rule().quota()));
            ctx.header("RateLimit-Remaining", Long.toString(tightest.left()));
            ctx.header("RateLimit-Reset", Long.toString(tightest.waitSeconds()));
        }
    }
}
