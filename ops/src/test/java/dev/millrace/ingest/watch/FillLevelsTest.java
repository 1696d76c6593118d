package dev.millrace.ingest.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.IngestApi;
import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis(own = true)
final class FillLevelsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-03-01T12:30:00Z"));

    private final RedisSpace space;
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private Redis redis;
    private Namespace namespace;
    private FillLevels levels;

    FillLevelsTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void open() {
        space.clear();
        Settings settings = Settings.read(Map.of("REDIS_URL", space.uri(), "MILLRACE_NAMESPACE", space.namespace(), "MILLRACE_QUEUE_MAX",
                "10", "MILLRACE_SCHEDULED_MAX", "20", "MILLRACE_DEAD_MAX", "4", "MILLRACE_UNPERSISTED_MAX", "50", "MILLRACE_DEDUPE_MAX",
                "8"));
        redis = Redis.connect(settings.redis(), Duration.ofSeconds(5));
        namespace = Namespace.open(redis, new Keyspace(space.namespace()), new Partitions(40));
        levels = new FillLevels(settings.admission(), settings.engine(), 5, CLOCK, metrics);
    }

    @AfterEach
    void close() {
        levels.close();
        redis.close();
    }

    @Test
    void nothingIsKnownBeforeTheFirstLookAndNothingIsFullThen() {
        assertThat(level("queue")).isNaN();
        levels.runOnce(redis, namespace);
        for (String bound : new String[]{"queue", "pending", "schedule", "dead", "unpersisted", "dedupe", "pauses"}) {
            assertThat(level(bound)).as(bound).isZero();
        }
    }

    @Test
    void theFullestPartitionCountsForEachBound() {
        Keyspace keys = namespace.keys();
        for (int i = 0; i < 5; i++) {
            command("XADD", keys.events(39, Priority.LOW), "*", "v", "1");
        }
        for (int i = 0; i < 2; i++) {
            command("XADD", keys.events(39, Priority.HIGH), "*", "v", "1");
            command("XADD", keys.events(3, Priority.LOW), "*", "v", "1");
        }
        command("XGROUP", "CREATE", keys.events(3, Priority.LOW), Keyspace.PROCESSORS, "0");
        command("XREADGROUP", "GROUP", Keyspace.PROCESSORS, Keyspace.CONSUMER, "COUNT", "1", "STREAMS", keys.events(3, Priority.LOW), ">");
        command("ZADD", keys.scheduled(7), "1", "a", "2", "b");
        command("XADD", keys.dead(16), "*", "v", "1");
        command("HSET", keys.depth(1), Keyspace.DEPTH_UNPERSISTED, "50");
        command("HSET", keys.depth(2), Keyspace.DEPTH_UNPERSISTED, "10");
        command("HSET", keys.once(0, CLOCK.millis() / 3_600_000), "a", "1", "b", "1");
        command("HSET", keys.paused(5), "a", "1");

        levels.runOnce(redis, namespace);

        assertThat(level("queue")).isEqualTo(0.5);
        assertThat(level("pending")).isEqualTo(0.1);
        assertThat(level("schedule")).isEqualTo(0.1);
        assertThat(level("dead")).isEqualTo(0.25);
        assertThat(level("unpersisted")).isEqualTo(1);
        assertThat(level("dedupe")).isEqualTo(0.25);
        assertThat(level("pauses")).isEqualTo(0.2);
    }

    @Test
    void memoryIsMeasuredWhereItHasABound() {
        levels.runOnce(redis, namespace);
        assertThat(levels.memory()).isNaN();
        long used = Long
                .parseLong(String.valueOf(space.server().command("INFO", "memory")).replaceAll("(?s).*used_memory:([0-9]+).*", "$1"));
        command("CONFIG", "SET", "maxmemory", Long.toString(used * 4));
        try {
            levels.runOnce(redis, namespace);
            assertThat(levels.memory()).isBetween(0.15, 0.35);
            assertThat(level("memory")).isEqualTo(levels.memory());
        } finally {
            command("CONFIG", "SET", "maxmemory", "0");
        }
        levels.runOnce(redis, namespace);
        assertThat(levels.memory()).isNaN();
    }

    @Test
    void nothingIsKnownWhileRedisIsAway() {
        levels.runOnce(redis, namespace);
        redis.close();
        levels.runOnce(redis, namespace);
        assertThat(level("queue")).isNaN();
    }

    @Test
    void theApiMeasuresWhileItRuns() {
        SimpleMeterRegistry own = new SimpleMeterRegistry();
        IngestApi measured = new IngestApi(RunningApi.settings(space, Map.of("MILLRACE_PARTITIONS", "40")), own, EventHistory.none());
        measured.start();
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> own.get("millrace_fill_ratio").tag("bound", "queue").gauge().value() == 0);
        } finally {
            measured.stop(Duration.ofSeconds(5));
        }
        assertThat(own.get("millrace_fill_ratio").tag("bound", "queue").gauge().value()).isNaN();
    }

    private double level(String bound) {
        return metrics.get("millrace_fill_ratio").tag("bound", bound).gauge().value();
    }

    private void command(String... words) {
        space.server().command(words);
    }
}
