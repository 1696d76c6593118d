package dev.millrace.ops.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** {@code ./millrace soak}: every fault with many seeds. */
@Tag("faults")
@TestInstance(Lifecycle.PER_CLASS)
final class FaultsIT {
    private final Table table = new Table();
    private Servers servers;

    @BeforeAll
    void startServers() {
        servers = Servers.start();
    }

    @AfterAll
    void stopServers() {
        servers.close();
        System.out.println(table.markdown());
    }

    @TestFactory
    Stream<DynamicTest> everyPromiseIsKept() {
        return Plan.asked().trials(Trial.usualLength()).map(trial -> DynamicTest.dynamicTest(trial.toString(), () -> {
            Outcome outcome = trial.run(servers);
            table.add(outcome);
            assertThat(outcome.violationsAndDelays()).as("%s", trial).isEmpty();
        }));
    }
}
