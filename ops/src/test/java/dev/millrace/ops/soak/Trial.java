package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.workload.Oracle.Verdict;
import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A fault and a seed: the same trial sends the same events and hits at the same moments.
 *
 * @param length of the load
 */
record Trial(Fault fault, long seed, Duration length) {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Seconds of load a run, where nothing else is said. */
    static Duration usualLength() {
        return Duration.ofSeconds(Integer.getInteger("millrace.load", 15));
    }

    /** Runs it and checks every promise. */
    Outcome run(Servers servers) throws Exception {
        return run(servers, List.of(), Scene.PATIENCE);
    }

    /**
     * The same with other code.
     *
     * @param otherCode folders that go before the code of every process
     * @param drainedWithin how long the drain may take
     */
    Outcome run(Servers servers, List<Path> otherCode, Duration drainedWithin) throws Exception {
        System.out.println(this);
        String client = fault.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + Long.toUnsignedString(seed, Character.MAX_RADIX)
                + "-" + COUNT.incrementAndGet();
        try (Scene scene = new Scene(servers, client, seed, length, otherCode)) {
            fault.play(scene);
            Verdict verdict = scene.verdict(drainedWithin);
            List<Violation> violations = new ArrayList<>(verdict.violations());
            checkRecovery(scene.recovery, violations);
            Outcome outcome = new Outcome(fault, seed, scene.journal().accepted().size(), violations, scene.recovery.longest(),
                    scene.recovery.usual(), scene.sinceBegin(), verdict.drainedIn());
            System.out.println(outcome);
            if (violations.isEmpty()) {
                scene.assertExpected();
            }
            return outcome;
        }
    }

    private void checkRecovery(Recovery recovery, List<Violation> violations) {
        try {
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(recovery::isOver);
        } catch (ConditionTimeoutException e) {
            violations.add(new Violation(Promise.E, 1, "what was accepted before a fault still waits"));
        }
    }

    @Override
    public String toString() {
        return "fault " + fault.number() + " (" + fault.title() + "), seed " + seed + ": ./millrace soak --fault " + fault.number()
                + " --seed " + seed;
    }
}
