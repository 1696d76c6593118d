package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.TestFolders;
import dev.millrace.ops.testkit.workload.Violation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who checks the checker: it must fail broken engines, and pass the real one in the very same run. */
@Tag("mutants")
@TestInstance(Lifecycle.PER_CLASS)
final class MutantsIT {
    static final Duration LENGTH = Duration.ofSeconds(5);
    static final Duration DRAINED = Duration.ofSeconds(10);
    private static final Duration CAUGHT = Duration.ofSeconds(60);

    private Servers servers;

    @BeforeAll
    void startServers() {
        servers = Servers.start();
    }

    @AfterAll
    void stopServers() {
        servers.close();
    }

    @ParameterizedTest
    @EnumSource
    void theCheckerFailsItAndNothingElse(Mutant mutant) throws Exception {
        Trial trial = new Trial(mutant.fault(), mutant.seed(), LENGTH);
        Path folder = TestFolders.fresh("mutant");
        mutant.make(new Mutation(folder));

        Outcome broken = trial.run(servers, List.of(folder), DRAINED);
        System.out.println(mutant + " caught after " + broken.took().toMillis() + " ms");

        assertThat(broken.violations()).as("%s breaks", mutant).extracting(Violation::promise).contains(mutant.breaks());
        assertThat(broken.took()).isLessThan(CAUGHT);
        assertThat(trial.run(servers).violations()).as("of the real engine").isEmpty();
    }
}
