package dev.millrace.schema.settings;

import dev.millrace.schema.event.Priority;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may come, of whom and for what. A rule has a bucket for each of those that its scope tells apart.
 *
 * @param name stands in headers, problems and keys
 * @param quota requests a window
 * @param burst requests that a token bucket holds when it is full; of the other algorithms the quota
 * @param tiers of the clients that it is for; empty for all
 * @param priority of the clients that it is for; null for all
 * @param routes that it is for; empty for all
 */
public record LimitRule(String name, Scope scope, Algorithm algorithm, long quota, Duration window, long burst, Set<String> tiers,
        @Nullable Priority priority, Set<String> routes) {
    /** A sliding window remembers each request, some hundred bytes. */
    static final int SLIDING_MAX = 10_000;
    private static final Duration WINDOW_MIN = Duration.ofMillis(10);
    private static final Duration WINDOW_MAX = Duration.ofDays(31);
    /** Lua counts in doubles. */
    private static final long EXACT = 1L << 53;

    /** Whom or what a rule tells apart. */
    public enum Scope {
        /** Addresses, before it is known who calls; of IPv6 networks of 64 bits. */
        IP,
        /** Clients. */
        CLIENT,
        /** Users of a client. */
        USER,
        /** Routes, for each client. */
        ROUTE,
        /** Regions of boards, for each client. */
        REGION;

        /** The scope of that word; empty if it is none's. */
        static Optional<Scope> ofWord(String word) {
            return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
        }

        /** The word in files and answers. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How requests are counted. */
    public enum Algorithm {
        /** By windows that begin at multiples of their length: cheapest, and up to twice the quota around the turn of two. */
        FIXED_WINDOW,
        /** Each request for as long as a window: exact, and dearest. */
        SLIDING_WINDOW,
        /** A bucket that holds a burst and fills up at a steady rate. */
        TOKEN_BUCKET;

        /** The algorithm of that word; empty if it is none's. */
        static Optional<Algorithm> ofWord(String word) {
            return Arrays.stream(values()).filter(algorithm -> algorithm.word().equals(word)).findFirst();
        }

        /** The word in files and scripts. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public LimitRule {
        tiers = Set.copyOf(tiers);
        routes = Set.copyOf(routes);
        if (!name.matches("[a-z][a-z0-9-]{0,31}")) {
            throw new SettingsException("a rule's name must match [a-z][a-z0-9-]{0,31}");
        }
        if (quota < 1 || (algorithm == Algorithm.SLIDING_WINDOW && quota > SLIDING_MAX)) {
            throw new SettingsException("quota must be above 0, and at most " + SLIDING_MAX + " for a sliding-window");
        }
        if (window.compareTo(WINDOW_MIN) < 0 || window.compareTo(WINDOW_MAX) > 0 || window.toNanosPart() % 1_000_000 != 0) {
            throw new SettingsException("window must be whole milliseconds, from 10ms to 31d");
        }
        if (algorithm == Algorithm.TOKEN_BUCKET ? burst < 1 : burst != quota) {
            throw new SettingsException("burst must be above 0, and is for a token-bucket only");
        }
        if (Math.max(quota, burst) > EXACT / window.toMillis() / 1_000) {
            throw new SettingsException("quota and burst are too many for so long a window");
        }
        if (scope == Scope.IP && (!tiers.isEmpty() || priority != null)) {
            throw new SettingsException("tiers and priority are not known yet when scope ip is checked");
        }
    }

    /** The window in microseconds. */
    public long windowMicros() {
        return window.toMillis() * 1_000;
    }

    /** Whether it is for requests to a route. */
    public boolean isForRoute(String route) {
        return routes.isEmpty() || routes.contains(route);
    }

    /** Whether it is for clients of a tier. */
    public boolean isForTier(String tier, Priority ofTier) {
        return (tiers.isEmpty() || tiers.contains(tier)) && (priority == null || priority == ofTier);
    }
}
