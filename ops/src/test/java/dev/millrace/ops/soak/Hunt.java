package dev.millrace.ops.soak;

import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a broken engine was seen to do, in a few short runs at most: what is on the way when a process is stopped or killed differs from run to
 * run, and may be nothing that does harm.
 *
 * @param took all of them together
 */
record Hunt(Set<Promise> broken, int runs, Duration took) {
    static final Duration LENGTH = Duration.ofSeconds(5);
    private static final Duration DRAINED = Duration.ofSeconds(10);
    private static final int RUNS = 6;

    /** Runs the engine with one seed after another until it has broken the promise that it is to break. */
    static Hunt of(Mutant mutant, Servers servers) throws Exception {
        Path folder = TestFolders.fresh("mutant");
        mutant.make(new Mutation(folder));
        Set<Promise> broken = EnumSet.noneOf(Promise.class);
        Duration took = Duration.ZERO;
        int runs = 0;
        while (runs < RUNS && !broken.contains(mutant.breaks())) {
            Outcome outcome = new Trial(mutant.fault(), mutant.seed() + runs, LENGTH).run(servers, List.of(folder), DRAINED);
            outcome.violations().stream().map(Violation::promise).forEach(broken::add);
            took = took.plus(outcome.took());
            runs++;
        }
        return new Hunt(broken, runs, took);
    }
}
