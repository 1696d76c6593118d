package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What came of one run.
 *
 * @param acknowledged events that were
 * @param violations empty if every promise was kept, whatever time it took
 * @param recovered the longest time from a fault until everything accepted before it was worked and in the books
 * @param usual how long things took at most before the first fault, from being accepted to being in the books
 * @param took from the first event until the verdict
 * @param drained from the end of the load until nothing was left, empty if that took too long
 */
record Outcome(Fault fault, long seed, int acknowledged, List<Violation> violations, Duration recovered, Duration usual, Duration took,
        Optional<Duration> drained) {

    /** The violations, and one more where the recovery took too long. What a busy machine adds to everything is allowed for. */
    List<Violation> violationsAndDelays() {
        List<Violation> all = new ArrayList<>(violations);
        if (recovered.compareTo(fault.recovery().plus(usual)) > 0) {
            all.add(new Violation(Promise.E, 1, "recovered in " + recovered.toMillis() + " ms, not within " + fault.recovery().toMillis()
                    + " ms and the " + usual.toMillis() + " ms that things took before it"));
        }
        return all;
    }

    /** How often a promise was broken. */
    int broken(Promise promise) {
        return violationsAndDelays().stream().filter(violation -> violation.promise() == promise).mapToInt(Violation::times).sum();
    }

    @Override
    public String toString() {
        return "fault " + fault.number() + ", seed " + seed + ": " + acknowledged + " events, recovered in " + recovered.toMillis()
                + " ms (before it: " + usual.toMillis() + " ms), drained in " + drained.map(Duration::toMillis).orElse(-1L) + " ms"
                + violationsAndDelays().stream().map(violation -> "\n  " + violation).collect(Collectors.joining());
    }
}
