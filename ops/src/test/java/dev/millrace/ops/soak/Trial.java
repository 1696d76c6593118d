package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.workload.Oracle.Verdict;
import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A fault and a seed: the same trial sends the same events and hits at the same moments.
 *
 * @param length of the load
 */
record Trial(Fault fault, long seed, Duration length) {

    /** Seconds of load a run, where nothing else is said. */
    static Duration usualLength() {
        return Duration.ofSeconds(Integer.getInteger("millrace.load", 15));
    }

    /** Runs it and checks every promise. */
    Outcome run(Servers servers) throws Exception {
        return run(servers, List.of());
    }

    /**
     * The same with other code.
     *
     * @param otherCode folders that go before the code of every process
     */
    Outcome run(Servers servers, List<Path> otherCode) throws Exception {
        System.out.println(this);
        String client = "fault" + fault.number() + "-" + Long.toUnsignedString(seed, Character.MAX_RADIX)
                + (otherCode.isEmpty() ? "" : "-mutant");
        try (Scene scene = new Scene(servers, client, seed, length, otherCode)) {
            fault.play(scene);
            Verdict verdict = scene.verdict();
            List<Violation> violations = new ArrayList<>(verdict.violations());
            checkRecovery(scene.recovery, violations);
            Outcome outcome = new Outcome(fault, seed, scene.journal().accepted().size(), violations, scene.recovery.longest(),
                    scene.recovery.usual(),
                    verdict.drainedIn());
            System.out.println(outcome);
            return outcome;
        }
    }

    private void checkRecovery(Recovery recovery, List<Violation> violations) {
        try {
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(recovery::isOver);
        } catch (ConditionTimeoutException e) {
            violations.add(new Violation(Promise.E, 1, "what was accepted before a fault still waits"));
            return;
        }
        Duration bound = fault.recovery().plus(recovery.usual());
        if (recovery.longest().compareTo(bound) > 0) {
            violations.add(new Violation(Promise.E, 1, "recovered in " + recovery.longest().toMillis() + " ms, not within "
                    + fault.recovery().toMillis() + " ms and the " + recovery.usual().toMillis() + " ms that things take anyway"));
        }
    }

    @Override
    public String toString() {
        return "fault " + fault.number() + " (" + fault.title() + "), seed " + seed + ": ./millrace soak --fault " + fault.number()
                + " --seed " + seed;
    }
}
