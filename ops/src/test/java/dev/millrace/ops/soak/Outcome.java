package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What came of one run.
 *
 * @param acknowledged events that were
 * @param violations empty if every promise was kept
 * @param recovered the longest time from a fault until everything accepted before it was worked and in the books
 * @param usual how long things took at most before the first fault, from being accepted to being in the books
 * @param drained from the end of the load until nothing was left, empty if that took too long
 */
record Outcome(Fault fault, long seed, int acknowledged, List<Violation> violations, Duration recovered, Duration usual,
        Optional<Duration> drained) {

    boolean isGood() {
        return violations.isEmpty();
    }

    /** How often a promise was broken. */
    int broken(Promise promise) {
        return violations.stream().filter(violation -> violation.promise() == promise).mapToInt(Violation::times).sum();
    }

    @Override
    public String toString() {
        return "fault " + fault.number() + ", seed " + seed + ": " + acknowledged + " events, recovered in " + recovered.toMillis()
                + " ms (before it: " + usual.toMillis() + " ms), drained in " + drained.map(Duration::toMillis).orElse(-1L) + " ms"
                + (isGood() ? "" : "\n  " + String.join("\n  ", violations.stream().map(Violation::toString).toList()));
    }
}
