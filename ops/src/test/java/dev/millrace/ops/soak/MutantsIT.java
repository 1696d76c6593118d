package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
        Hunt hunt = Hunt.of(mutant, servers);
        System.out.println(mutant + " caught after " + hunt.took().toMillis() + " ms, in run " + hunt.runs());

        assertThat(hunt.broken()).as("%s breaks", mutant).contains(mutant.breaks());
        assertThat(hunt.took()).isLessThan(CAUGHT);
        assertThat(new Trial(mutant.fault(), mutant.seed(), Hunt.LENGTH).run(servers).violations()).as("of the real engine").isEmpty();
    }
}
