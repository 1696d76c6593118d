package dev.millrace.ingest.limit;

import dev.millrace.schema.settings.LimitRule;
import java.util.List;

/**
 * Whether a request may go on, and how the rules stand that it was held to.
 *
 * @param granted whether it was charged to all of them; else it was charged to none
 */
public record Ruling(boolean granted, List<Standing> standings) {
    /** Of a request that no rule is for. */
    static final Ruling FREE = new Ruling(true, List.of());

    /**
     * How one rule stands.
     *
     * @param left requests that may come now
     * @param waitMicros until more than that may come
     */
    public record Standing(LimitRule rule, long left, long waitMicros) {
        private static final long SECOND = 1_000_000;

        /** The same in whole seconds, never too short. */
        public long waitSeconds() {
            return Math.ceilDiv(waitMicros, SECOND);
        }
    }

    public Ruling {
        standings = List.copyOf(standings);
    }

    /** The rules that refuse it; none where it is granted. */
    public List<Standing> violated() {
        return granted ? List.of() : standings.stream().filter(standing -> standing.left() == 0).toList();
    }
}
