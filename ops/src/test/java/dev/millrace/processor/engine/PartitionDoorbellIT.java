package dev.millrace.processor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisCluster;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.RedisSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("topology")
final class PartitionDoorbellIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String BELL = "7";
    private static final String BELL_KEY = "{7}";
    private static final List<String> STREAMS = List.of("{7}:high", "{7}:low");

    private static RedisCluster cluster;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Redis redis;
    private Doorbell doorbell;

    @BeforeAll
    static void startCluster() {
        cluster = RedisCluster.start(3, false);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void open() {
        redis = Redis.connect(new RedisSettings(cluster.uri(), "mr", TIMEOUT), TIMEOUT);
        doorbell = Doorbell.of(redis);
        doorbell.start();
        redis.await(redis.command(STREAMS.getFirst(), (commands, _) -> commands.del(STREAMS.toArray(String[]::new))));
    }

    @AfterEach
    void close() {
        doorbell.close();
        threads.shutdownNow();
        redis.close();
    }

    private CompletableFuture<Boolean> waiting(StreamId last) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return doorbell.await(BELL, Map.of(STREAMS.get(0), last, STREAMS.get(1), StreamId.ZERO), LONG, () -> false);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }, threads);
    }

    private StreamId append(String stream) {
        return StreamId.parse(redis.await(redis.command(stream, (commands, at) -> commands.xadd(at, Map.of("k", new byte[1])))));
    }

    private static long blocked(EmbeddedRedis server) {
        return Objects.requireNonNull(server.command("INFO", "clients")).lines().filter(line -> line.startsWith("blocked_clients:"))
                .mapToLong(line -> Long.parseLong(line.substring("blocked_clients:".length()).strip())).sum();
    }

    private void awaitBlocked() {
        await().atMost(LONG).until(() -> blocked(cluster.masterOf(BELL_KEY)) == 1);
    }

    @Test
    void anEntryInAnyStreamOfThePartitionRings() throws Exception {
        for (String stream : STREAMS) {
            StreamId last = append(STREAMS.getFirst());
            redis.await(redis.command(STREAMS.get(1), (commands, at) -> commands.del(at)));
            CompletableFuture<Boolean> waiting = waiting(last);
            awaitBlocked();
            assertThat(waiting).isNotDone();
            append(stream);
            assertThat(waiting.get()).isTrue();
        }
    }

    @Test
    void itCanBeRungByNameAndWaitsAgainOnTheSameRead() throws Exception {
        CompletableFuture<Boolean> waiting = waiting(StreamId.ZERO);
        awaitBlocked();
        doorbell.ring(BELL);
        assertThat(waiting.get()).isTrue();
        CompletableFuture<Boolean> again = waiting(StreamId.ZERO);
        append(STREAMS.getLast());
        assertThat(again.get()).isTrue();
    }

    @Test
    void nothingMeansThatTheTimeIsOver() throws Exception {
        assertThat(doorbell.await(BELL, Map.of(STREAMS.getFirst(), StreamId.ZERO), Duration.ofMillis(50), () -> false)).isFalse();
        assertThat(doorbell.await(BELL, Map.of(), Duration.ofMillis(50), () -> false)).isFalse();
        assertThat(doorbell.await(BELL, Map.of(), LONG, () -> true)).isTrue();
    }

    @Test
    void itRingsWhereverThePartitionHasMovedTo() throws Exception {
        StreamId last = append(STREAMS.getFirst());
        for (int move = 0; move < 3; move++) {
            CompletableFuture<Boolean> waiting = waiting(last);
            awaitBlocked();
            EmbeddedRedis from = cluster.masterOf(BELL_KEY);
            EmbeddedRedis to = cluster.masters().stream().filter(master -> !master.equals(from)).findFirst().orElseThrow();
            cluster.migrate(BELL_KEY, from, to);
            last = append(STREAMS.getFirst());
            assertThat(waiting.get()).isTrue();
        }
    }

    @Test
    void itRingsAfterItsServerWasAway() throws Exception {
        StreamId last = append(STREAMS.getFirst());
        CompletableFuture<Boolean> waiting = waiting(last);
        awaitBlocked();
        EmbeddedRedis server = cluster.masterOf(BELL_KEY);
        server.kill();
        server.restart();
        await().atMost(LONG).ignoreExceptions().until(() -> append(STREAMS.getFirst()) != null);
        assertThat(waiting.get()).isTrue();
    }
}
