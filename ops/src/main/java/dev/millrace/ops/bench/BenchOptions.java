package dev.millrace.ops.bench;

import java.util.EnumSet;
import java.util.Set;

/**
 * What is measured.
 *
 * @param scenarios which, in the order of their declaration
 * @param events how many events a run sends
 * @param players over how many players they are spread
 * @param runs how many runs are counted; each figure is the median
 * @param json whether the report is JSON instead of a table
 */
public record BenchOptions(Set<Scenario> scenarios, int events, int players, int runs, boolean json) {
    public static final int DEFAULT_EVENTS = 200_000;
    public static final int DEFAULT_PLAYERS = 5_000;
    public static final int DEFAULT_RUNS = 3;

    /** All of them are in memory at once, three times over. */
    private static final int MAX_EVENTS = 2_000_000;

    public BenchOptions {
        if (scenarios.isEmpty()) {
            throw new IllegalArgumentException("name at least one scenario");
        }
        if (events < 1 || events > MAX_EVENTS || players < 1 || runs < 1) {
            throw new IllegalArgumentException("--events, --players and --runs must be above 0, and --events at most " + MAX_EVENTS);
        }
        scenarios = Set.copyOf(scenarios);
    }

    /** Everything, at its usual size. */
    public static BenchOptions usual() {
        return new BenchOptions(EnumSet.allOf(Scenario.class), DEFAULT_EVENTS, DEFAULT_PLAYERS, DEFAULT_RUNS, false);
    }

    /** A part of the events, to get the JVM warm; at least one. */
    int warmUpEvents() {
        return Math.max(1, events / 4);
    }
}
