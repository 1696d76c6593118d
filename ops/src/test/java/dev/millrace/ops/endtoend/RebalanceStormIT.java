package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Load;
import dev.millrace.ops.testkit.workload.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Processors join and leave under load faster than leases run out, in good order and by crashing. */
@RealRedis
@RealPostgres
final class RebalanceStormIT {
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final int PER_SECOND = 1_000;
    private static final int AT_FIRST = 3;
    private static final Duration SOON = Duration.ofSeconds(60);
    /** After the last change every partition has an owner again; a processor starts in two seconds, on a busy machine. */
    private static final Duration SETTLED = LEASE.plusSeconds(5);

    private final Installation installation;

    RebalanceStormIT(RedisSpace redis, PostgresDatabase postgres) {
        this.installation = new Installation(redis.uri(), postgres.url(), postgres.jdbcUrl(),
                Map.of("MILLRACE_LEASE_TTL", LEASE.toMillis() + "ms"));
    }

    @AfterEach
    void close() throws Exception {
        installation.close();
    }

    @Test
    void fourJoinAndFourLeaveWithinTwentySeconds() throws Exception {
        storm(4, Duration.ofSeconds(20));
    }

    @Test
    @Tag("storm")
    void tenJoinAndTenLeaveWithinAMinute() throws Exception {
        storm(10, Duration.ofMinutes(1));
    }

    private void storm(int each, Duration length) throws Exception {
        Workload workload = Workload.random("storm", 5_000);
        Random random = new Random(workload.seed());
        List<RoleProcess> started = installation.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PROCESSOR,
                Installation.PERSISTER);
        List<RoleProcess> processors = new ArrayList<>(started.subList(0, AT_FIRST));
        int events = (int) length.toSeconds() * PER_SECOND;
        Journal journal = installation.journal("storm-" + each);
        try (PartitionMoves moves = PartitionMoves.watch(installation)) {
            await().atMost(SOON).until(moves::atHome);
            int movedBefore = moves.moved();
            int neededBefore = moves.needed();
            long lastChange = System.nanoTime();
            Duration settled;
            try (Load load = Load.start(workload.events(events), installation.admissionDoor(), journal,
                    Load.Options.of(8, 10, PER_SECOND))) {
                for (int change = 0; change < 2 * each; change++) {
                    long next = (long) events * (change + 1) / (2L * each + 1);
                    await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> load.accepted() >= next || load.isDone());
                    if (change % 2 == 0) {
                        processors.add(installation.launch(Installation.PROCESSOR));
                    } else {
                        RoleProcess leaving = processors.remove(random.nextInt(processors.size()));
                        if (change % 4 == 1) {
                            leaving.terminate();
                        } else {
                            leaving.kill();
                        }
                    }
                    lastChange = System.nanoTime();
                }
                await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> isOwnedBy(processors));
                settled = Duration.ofNanos(System.nanoTime() - lastChange);
                load.await(SOON);
            }
            await().atMost(SOON).until(moves::atHome);
            int moved = moves.moved() - movedBefore;
            int needed = moves.needed() - neededBefore;
            System.out.println(each + " joined and " + each + " left: " + moved + " partitions moved, " + needed
                    + " by rendezvous hashing; all owned " + settled.toMillis() + " ms after the last change");
            installation.assertPromisesKept(workload.client(), journal, SOON);
            assertThat(journal.accepted()).hasSize(events);
            assertThat(settled).as("until every partition is owned").isLessThan(SETTLED);
            // Not each move can be seen, and who has not heard yet of the newest member may take what is that one's.
            assertThat(moved).as("moves, of which %d were needed", needed).isBetween(1, needed + needed / 4 + 8);
        }
    }

    private boolean isOwnedBy(List<RoleProcess> processors) {
        Set<Long> alive = processors.stream().map(RoleProcess::pid).collect(Collectors.toSet());
        Map<Integer, Long> owners = installation.owners();
        return owners.size() == installation.namespace.partitions().count() && alive.containsAll(owners.values());
    }
}
