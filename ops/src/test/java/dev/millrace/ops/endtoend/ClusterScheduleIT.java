package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult.Scheduled;
import dev.millrace.ingest.admission.Due;
import dev.millrace.ingest.admission.Posted;
import dev.millrace.ingest.control.Cancellation;
import dev.millrace.ingest.control.LanePauses;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ingest.read.EventStatus.State;
import dev.millrace.ingest.read.EventStatuses;
import dev.millrace.ingest.read.LaneStatus;
import dev.millrace.ingest.read.Lanes;
import dev.millrace.ingest.read.PartitionStatus;
import dev.millrace.ingest.read.PartitionStatuses;
import dev.millrace.ingest.read.Places;
import dev.millrace.ops.testkit.RedisCluster;
import dev.millrace.processor.engine.Bell;
import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.Schedule;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Durability;
import dev.millrace.schema.settings.RedisSettings;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scheduling, promoting, cancelling, pausing and explaining where partitions lie on several servers. */
@Tag("topology")
final class ClusterScheduleIT {
    private static final int PARTITIONS = 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static RedisCluster cluster;
    private static Redis redis;
    private static Namespace namespace;
    private static Admission admission;
    private static EventStatuses statuses;

    @BeforeAll
    static void open() {
        cluster = RedisCluster.start(3, false);
        redis = Redis.connect(new RedisSettings(cluster.uri(), "mr", TIMEOUT), TIMEOUT);
        namespace = Namespace.open(redis, new Keyspace("mr"), new Partitions(PARTITIONS));
        admission = new Admission(redis, namespace, Settings.read(Map.of()).admission(), new SimpleMeterRegistry(),
                InstantSource.system());
        statuses = new EventStatuses(new Places(redis, namespace.keys()), namespace.eventIds(), EventHistory.none());
    }

    @AfterAll
    static void close() {
        redis.close();
        cluster.close();
    }

    @Test
    void everyPartitionSchedulesRingsPromotesCancelsAndExplains() {
        Set<Integer> rung = ConcurrentHashMap.newKeySet();
        Map<Integer, String> due = new LinkedHashMap<>();
        Map<Integer, String> cancelled = new LinkedHashMap<>();
        Cancellation cancellation = new Cancellation(redis, namespace, new Places(redis, namespace.keys()), statuses,
                new Cancellation.Bounds(100, 100), Durability.PRIMARY, InstantSource.system());
        try (Bell bell = new Bell(redis, Map.of(namespace.keys().bell(), rung::add), () -> {})) {
            bell.start();
            await().atMost(Duration.ofSeconds(20)).until(bell::listening);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                due.put(partition, schedule(partition, Duration.ofSeconds(2)));
                cancelled.put(partition, schedule(partition, Duration.ofHours(1)));
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> rung.size() == PARTITIONS);
        }

        Lanes lanes = new Lanes(redis, namespace);
        LanePauses pauses = new LanePauses(redis, namespace);
        cancelled.forEach((partition, id) -> assertThat(cancellation.cancel("acme", id))
                .hasValueSatisfying(result -> assertThat(result).isInstanceOf(Cancellation.Result.Cancelled.class)));
        due.forEach((partition, id) -> {
            await().atMost(Duration.ofSeconds(20)).until(() -> promote(partition) == 1);
            assertThat(statuses.find("acme", id).orElseThrow().status()).isEqualTo(State.QUEUED);
            assertThat(pauses.pause(lane(partition))).isTrue();
            LaneStatus lane = lanes.explain(lane(partition));
            assertThat(lane.state()).isEqualTo(LaneStatus.State.PAUSED);
            assertThat(lane.partition()).isEqualTo(partition);
            assertThat(lane.head()).isNotNull();
        });
        List<PartitionStatus> all = new PartitionStatuses(redis, namespace).list(0, PARTITIONS);
        assertThat(all).hasSize(PARTITIONS).allSatisfy(partition -> {
            assertThat(partition.backlog()).containsEntry("high", 1L);
            assertThat(partition.scheduled()).isZero();
            assertThat(partition.lanesPaused()).isEqualTo(1);
        });
    }

    private static int promote(int partition) {
        String lease = namespace.keys().lease(partition, Keyspace.PROCESSORS);
        redis.await(redis.command(lease, (commands, key) -> commands.hset(key, Map.of("owner", bytes("me"), "epoch", bytes("7")))));
        return new Schedule(redis, namespace.keys()).promote(new Lease(partition, "me", 7)).count();
    }

    private static String schedule(int partition, Duration delay) {
        Event event = new Event(lane(partition), "order.paid", "{}", null);
        return ((Scheduled) admission.admit(new Posted(event, new Due.In(delay)))).eventId();
    }

    private static Lane lane(int partition) {
        String name = IntStream.range(0, 10_000).mapToObj(n -> "lane" + n)
                .filter(lane -> namespace.partitions().of("acme", lane) == partition).findFirst().orElseThrow();
        return new Lane("acme", name, Priority.HIGH);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
