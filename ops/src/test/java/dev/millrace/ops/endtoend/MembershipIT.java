package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who works which partition, and for how long nobody does when a process goes. */
@RealRedis
@RealPostgres
final class MembershipIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Installation installation;
    private final Duration lease;

    MembershipIT(RedisSpace redis, PostgresDatabase postgres) {
        this.installation = new Installation(redis.uri(), postgres.url(), postgres.jdbcUrl(), Map.of());
        this.lease = installation.settings().engine().leaseTtl();
    }

    @AfterEach
    void close() throws Exception {
        installation.close();
    }

    @Test
    void partitionsAreSharedEvenlyAndWorkGoesOnWhenProcessesGo() {
        List<RoleProcess> processors = installation.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PROCESSOR);
        RoleProcess first = processors.get(0);
        RoleProcess second = processors.get(1);
        awaitShares(21L, 21L, 22L);
        try (Pulse pulse = Pulse.start(installation)) {
            // What a busy machine adds to every wait that is measured.
            Duration usual = pulse.longestWait(installation.owners().keySet());
            Duration crashed = longestWaitWhile(pulse, first, first::kill);
            awaitShares(32L, 32L);
            assertThat(crashed).as("from a crash to the next event").isLessThan(lease.plusSeconds(1).plus(usual));

            Duration left = longestWaitWhile(pulse, second, second::terminate);
            awaitShares(64L);
            assertThat(left).as("handed over, without waiting for the lease").isLessThan(lease);
            assertThat(second.awaitEnd()).isZero();
            System.out
                    .println("no owner for at most " + crashed.toMillis() + " ms after SIGKILL, " + left.toMillis() + " ms after SIGTERM");
        }
    }

    /** The longest that an event of the process's partitions waits while it goes. */
    private Duration longestWaitWhile(Pulse pulse, RoleProcess going, Runnable go) {
        List<Integer> partitions = installation.partitionsOf(going);
        assertThat(partitions).isNotEmpty();
        pulse.awaitAnswers();
        pulse.forget();
        go.run();
        await().atMost(SOON).until(() -> installation.partitionsOf(going).isEmpty());
        pulse.awaitAnswers();
        return pulse.longestWait(partitions);
    }

    private void awaitShares(Long... sizes) {
        await().atMost(SOON).untilAsserted(() -> assertThat(installation.owners().values().stream()
                .collect(Collectors.groupingBy(owner -> owner, Collectors.counting())).values()).containsExactlyInAnyOrder(sizes));
    }
}
