package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
        assertThat(Hunt.of(Mutant.NO_FENCING, servers).broken()).contains(Mutant.NO_FENCING.breaks());
    }

    @ParameterizedTest
    @EnumSource(names = {"ZOMBIE", "CRASH_BETWEEN_STEPS", "PERSISTER_CRASH", "REPLY_LOST"})
    void everyPromiseIsKept(Fault fault) throws Exception {
        Trial trial = new Trial(fault, Long.getLong("millrace.seed", System.nanoTime() & Integer.MAX_VALUE), LENGTH);
        assertThat(trial.run(servers).violations()).as("%s", trial).isEmpty();
    }
}
