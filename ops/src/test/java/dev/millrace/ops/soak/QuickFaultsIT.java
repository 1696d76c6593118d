package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One short run of each fault that no other test has, and of one engine that is broken: the part of the long tests that every build runs. */
@TestInstance(Lifecycle.PER_CLASS)
final class QuickFaultsIT {
    private static final Duration LENGTH = Duration.ofSeconds(6);
    private static final int TRIALS = 5;

    private Servers servers;

    @BeforeAll
    void startServers() {
        servers = Servers.start();
    }

    @AfterAll
    void stopServers() {
        servers.close();
    }

    @Test
    void anEngineWithoutFencingIsNoticed() throws Exception {
        Mutant mutant = Mutant.NO_FENCING;
        Path folder = TestFolders.fresh("mutant");
        mutant.make(new Mutation(folder));
        Set<Promise> seen = EnumSet.noneOf(Promise.class);
        // What is on the way when a process is stopped differs from run to run: it may be nothing that does harm.
        for (int more = 0; more < TRIALS && !seen.contains(mutant.breaks()); more++) {
            Outcome broken = new Trial(mutant.fault(), mutant.seed() + more, MutantsIT.LENGTH).run(servers, List.of(folder),
                    MutantsIT.DRAINED);
            broken.violations().forEach(violation -> seen.add(violation.promise()));
        }
        assertThat(seen).contains(mutant.breaks());
    }

    @ParameterizedTest
    @EnumSource(names = {"ZOMBIE", "CRASH_BETWEEN_STEPS", "PERSISTER_CRASH", "REPLY_LOST"})
    void everyPromiseIsKept(Fault fault) throws Exception {
        Trial trial = new Trial(fault, Long.getLong("millrace.seed", System.nanoTime() & Integer.MAX_VALUE), LENGTH);
        assertThat(trial.run(servers).violations()).as("%s", trial).isEmpty();
    }
}
