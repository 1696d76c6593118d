package dev.millrace.persister;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.persister.store.MigrationException;
import dev.millrace.persister.store.Shelf;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.service.Health;
import dev.millrace.schema.service.Health.Status;
import dev.millrace.schema.settings.Settings;
import io.lettuce.core.XAddArgs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis
@RealPostgres(own = true)
final class PersisterTest {
    private static final int PARTITIONS = 8;
    private static final Duration LONG = Duration.ofSeconds(60);

    private final EmbeddedPostgres server;
    private final RedisSpace space;
    private final Shelf shelf;
    private final Settings settings;
    private final Keyspace keys;
    private final Redis redis;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<Persister> persisters = new ArrayList<>();
    private final World world = new World(21, 10);

    PersisterTest(RedisSpace space, PostgresDatabase place, EmbeddedPostgres server) {
        this.server = server;
        this.space = space;
        this.shelf = new Shelf(place);
        this.settings = Settings.read(Map.of("REDIS_URL", space.uri(), "MILLRACE_NAMESPACE", space.namespace(), "DATABASE_URL", place.url(),
                "MILLRACE_PARTITIONS", Integer.toString(PARTITIONS), "MILLRACE_LEASE_TTL", "1s", "MILLRACE_PERSIST_BATCH", "100"));
        this.keys = new Keyspace(space.namespace());
        this.redis = Redis.connect(settings.redis(), Duration.ofSeconds(5));
    }

    @BeforeEach
    void empty() {
        space.clear();
    }

    @AfterEach
    void close() {
        persisters.forEach(persister -> persister.stop(Duration.ofSeconds(10)));
        redis.close();
        shelf.close();
    }

    @Test
    void changesReachTheBooksAndLeaveTheStreamOnceTheyAreOnTheBoards() {
        addToAll(20);
        startPersister();
        awaitTheBooks();
        awaitAllAcknowledged();
        assertThat(sumOfLengths()).isEqualTo(20 * PARTITIONS);

        world.lastChanges().forEach((partition, id) -> redis
                .await(redis.command(keys.boarded(partition), (commands, at) -> commands.set(at, bytes(id.toString())))));
        addToAll(1);
        await().atMost(LONG).until(() -> sumOfLengths() == PARTITIONS);
        awaitTheBooks();
        assertThat(registry.get(Metric.PERSISTED.meter()).counter().count()).isEqualTo((double) (world.scores() + world.others()));
    }

    @Test
    void itStartsWhilePostgresIsAwayAndIsReadyOnceItIsThere() {
        addToAll(3);
        server.stop();
        Persister persister = startPersister();
        assertThat(persister.health().ready()).isFalse();
        assertThat(persister.health().details()).containsKey("waitingFor");

        server.restart();
        await().atMost(LONG).until(() -> persister.health().status() == Status.UP);
        awaitTheBooks();
    }

    @Test
    void anOutageIsWaitedForWithoutLosingTheLeasesAndToldInTheHealth() {
        Persister persister = startPersister();
        addToAll(3);
        awaitTheBooks();
        Map<Integer, String> epochs = epochs();
        server.kill();
        addToAll(30);
        await().atMost(LONG).until(() -> !persister.health().ready());
        await().atMost(LONG).until(() -> (long) persister.health().details().getOrDefault("waitingMs", 0L) > 2_000);
        server.restart();

        awaitTheBooks();
        awaitAllAcknowledged();
        assertThat(epochs()).isEqualTo(epochs);
        assertThat(persister.health().status()).isEqualTo(Status.UP);
        assertThat(persister.health().details()).containsKey("lastWriteMsAgo");
    }

    @Test
    void poisonHoldsBackItsOwnPartitionAloneAndNothingIsDropped() {
        EventEnded poison = new EventEnded(StreamId.parse("9-9"), Priority.LOW, "no\u0000client", "job.email", "lane", Outcome.DEAD, 1,
                null);
        add(new ChangeEntry(0, StreamId.parse("1-0"), new Change(1, Instant.EPOCH, List.of(), List.of(), List.of(poison))));
        redis.await(
                redis.command(keys.changes(1), (commands, at) -> commands.xadd(at, new XAddArgs().id("1-0"), Map.of("v", bytes("99")))));
        for (int partition = 2; partition < PARTITIONS; partition++) {
            add(world.next(partition, 10));
        }
        Persister persister = startPersister();

        awaitTheBooks();
        await().atMost(LONG).until(() -> persister.health().details().get("partitionsHeld") instanceof Map<?, ?> held && held.size() == 2);
        Health health = persister.health();
        assertThat(health.status()).isEqualTo(Status.DEGRADED);
        assertThat(health.details().get("partitionsHeld").toString()).contains("0=").contains("22021").contains("1=").contains("1-0");
        assertThat(registry.get(Metric.PERSIST_HELD.meter()).gauge().value()).isEqualTo(2);
        assertThat(pending(0)).isEqualTo(1);
        assertThat(pending(1)).isEqualTo(1);
    }

    @Test
    void goodChangesBeforeAnUnreadableOneAreWritten() {
        add(world.next(4, 10));
        redis.await(
                redis.command(keys.changes(4),
                        (commands, at) -> commands.xadd(at, new XAddArgs().id("9999999999999-0"), Map.of("v", bytes("99")))));
        startPersister();

        awaitTheBooks();
        await().atMost(LONG).until(() -> pending(4) == 1);
    }

    @Test
    void stoppingWhilePostgresIsAwayIsPrompt() {
        Persister persister = startPersister();
        server.kill();
        addToAll(3);
        await().atMost(LONG).until(() -> !persister.health().ready());
        long start = System.nanoTime();
        persister.stop(Duration.ofSeconds(20));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        server.restart();
        startPersister();
        awaitTheBooks();
    }

    @Test
    void anOrderlyStopUnderLoadLeavesTheRestToAnother() {
        Persister first = startPersister();
        startPersister();
        for (int round = 0; round < 20; round++) {
            addToAll(2);
            if (round == 10) {
                first.stop(Duration.ofSeconds(10));
            }
        }

        awaitTheBooks();
        awaitAllAcknowledged();
        assertThat(first.health().status()).isEqualTo(Status.DOWN);
    }

    @Test
    void tablesThatCanNotBeUsedStopTheStart() {
        shelf.execute("update flyway_schema_history set checksum = checksum + 1");
        try {
            Persister persister = new Persister(settings, registry);
            persisters.add(persister);
            assertThatThrownBy(persister::start).isInstanceOf(MigrationException.class);
            assertThat(persister.health().status()).isEqualTo(Status.DOWN);
        } finally {
            shelf.execute("update flyway_schema_history set checksum = checksum - 1");
        }
    }

    private Persister startPersister() {
        Persister persister = new Persister(settings, registry);
        persisters.add(persister);
        persister.start();
        persister.start();
        return persister;
    }

    private void addToAll(int changes) {
        for (int i = 0; i < changes; i++) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                add(world.next(partition, 15));
            }
        }
    }

    /** As a processor's script does. */
    private void add(ChangeEntry entry) {
        List<byte[]> fields = ChangeCodec.encode(entry.change());
        Map<String, byte[]> body = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i += 2) {
            body.put(new String(fields.get(i), StandardCharsets.UTF_8), fields.get(i + 1));
        }
        redis.await(redis.command(keys.depth(entry.partition()),
                (commands, at) -> commands.hincrby(at, Keyspace.DEPTH_UNPERSISTED, entry.change().events())));
        redis.await(
                redis.command(keys.changes(entry.partition()),
                        (commands, at) -> commands.xadd(at, new XAddArgs().id(entry.id().toString()), body)));
    }

    private void awaitTheBooks() {
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(shelf.single("select count(*) from score_events")).isEqualTo(Long.toString(world.scores()));
            assertThat(shelf.single("select count(*) from events")).isEqualTo(Long.toString(world.others()));
        });
        assertThat(World.leaderboard(shelf.query(World.LEADERBOARD_SQL))).isEqualTo(world.leaderboard());
    }

    private void awaitAllAcknowledged() {
        await().atMost(LONG).untilAsserted(() -> {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                assertThat(pending(partition)).isZero();
                assertThat(redis.hgetall(keys.depth(partition))).isEmpty();
            }
        });
    }

    private long pending(int partition) {
        return redis.await(redis.command(keys.changes(partition), (commands, at) -> commands.xpending(at, Keyspace.PERSISTER))).getCount();
    }

    private long sumOfLengths() {
        long sum = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            String stream = keys.changes(partition);
            sum += redis.await(redis.command(stream, (commands, at) -> commands.xlen(at)));
        }
        return sum;
    }

    private Map<Integer, String> epochs() {
        Map<Integer, String> epochs = new LinkedHashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            epochs.put(partition,
                    new String(redis.hgetall(keys.lease(partition, Keyspace.PERSISTER)).get("epoch"), StandardCharsets.UTF_8));
        }
        return epochs;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
