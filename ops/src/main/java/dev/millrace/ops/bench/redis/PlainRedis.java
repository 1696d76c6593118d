package dev.millrace.ops.bench.redis;

import dev.millrace.schema.redis.BoardMember;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Redis by its plain commands: as fast as it goes, and to look at from outside. */
public final class PlainRedis implements AutoCloseable {
    static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int CHUNK = 500;
    private static final int CHUNKS_IN_FLIGHT = 4;
    private static final int KEYS_A_SCAN = 1_000;
    private static final int PLAYERS_A_LOOK = 5_000;

    private final RedisClient client;
    private final StatefulRedisConnection<String, byte[]> connection;

    private PlainRedis(RedisClient client) {
        this.client = client;
        this.connection = client.connect(CODEC);
    }

    /** Connects to a {@code redis://}, {@code rediss://} or {@code redis-sentinel://} address. */
    public static PlainRedis connect(String url) {
        RedisURI uri = RedisURI.create(url);
        uri.setTimeout(TIMEOUT);
        RedisClient client = RedisClient.create(uri);
        boolean connected = false;
        try {
            PlainRedis redis = new PlainRedis(client);
            connected = true;
            return redis;
        } finally {
            if (!connected) {
                client.shutdown(Duration.ZERO, TIMEOUT);
            }
        }
    }

    /** One XADD; completes when Redis has answered. */
    public CompletionStage<String> append(PlainEvent event) {
        return connection.async().xadd(event.stream(), event.words());
    }

    /** An XADD for each, hundreds of them in flight, and returns when all are answered. */
    public void appendPipelined(List<PlainEvent> events) throws InterruptedException {
        Queue<Future<?>> lastOfChunks = new ArrayDeque<>();
        connection.setAutoFlushCommands(false);
        try {
            for (int from = 0; from < events.size(); from += CHUNK) {
                Future<?> last = CompletableFuture.completedFuture(null);
                for (PlainEvent event : events.subList(from, Math.min(events.size(), from + CHUNK))) {
                    last = connection.async().xadd(event.stream(), event.words());
                }
                connection.flushCommands();
                lastOfChunks.add(last);
                if (lastOfChunks.size() > CHUNKS_IN_FLIGHT) {
                    Answers.await(lastOfChunks.remove());
                }
            }
        } finally {
            connection.setAutoFlushCommands(true);
        }
        for (Future<?> last : lastOfChunks) {
            Answers.await(last);
        }
    }

    /**
     * Posts on a connection of their own.
     *
     * @param prefix first part of the keys that are written
     */
    public PlainPosts posts(String prefix) {
        return new PlainPosts(client.connect(CODEC), prefix);
    }

    /** Prepares to read these streams as one reader that has read nothing yet; they may hold entries already. */
    public PlainDrain drain(List<String> streams, int connections) {
        return PlainDrain.prepare(client, streams, connections);
    }

    /** How many entries streams hold together. */
    public long backlog(List<String> streams) {
        return streams.stream().mapToLong(stream -> connection.sync().xlen(stream)).sum();
    }

    /** Player to score on a board that ranks high scores first. */
    public Map<String, Long> board(String ranks) {
        Map<String, Long> scores = new HashMap<>();
        for (long from = 0;; from += PLAYERS_A_LOOK) {
            List<ScoredValue<byte[]>> page = connection.sync().zrangeWithScores(ranks, from, from + PLAYERS_A_LOOK - 1);
            page.forEach(entry -> scores.put(BoardMember.of(entry.getValue()).player(), -(long) entry.getScore()));
            if (page.size() < PLAYERS_A_LOOK) {
                return scores;
            }
        }
    }

    /**
     * The events by which players reached the scores that a board shows of them, in the order of the players: the stream id as
     * {@link dev.millrace.schema.event.StreamId#packed()}, empty for a player whom the board does not know.
     *
     * @param shown the hash of what a board shows of its players
     */
    public List<OptionalLong> achieved(String shown, List<String> players) {
        List<KeyValue<String, byte[]>> found = connection.sync().hmget(shown, players.toArray(String[]::new));
        return found.stream()
                .map(entry -> entry.hasValue() ? OptionalLong.of(ByteBuffer.wrap(entry.getValue()).getLong()) : OptionalLong.empty())
                .toList();
    }

    public RedisFacts facts() {
        String version = info("server", "redis_version").orElse("unknown");
        boolean appendOnly = info("persistence", "aof_enabled").orElse("").equals("1");
        return new RedisFacts(version, appendOnly ? fsync() : "off");
    }

    private String fsync() {
        try {
            return connection.sync().configGet("appendfsync").getOrDefault("appendfsync", "on");
        } catch (RedisCommandExecutionException forbidden) {
            return "on";
        }
    }

    /** Processor time that Redis's main thread has used since it started, in microseconds. */
    public long processorMicros() {
        return seconds("used_cpu_user") + seconds("used_cpu_sys");
    }

    private long seconds(String name) {
        String value = info("cpu", name + "_main_thread").or(() -> info("cpu", name)).orElse("0");
        return Math.round(1e6 * Double.parseDouble(value));
    }

    private Optional<String> info(String section, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + ":(\\S*)").matcher(connection.sync().info(section));
        return line.find() ? Optional.of(line.group(1)) : Optional.empty();
    }

    /** Deletes every key of a namespace, and no other, a thousand at a time. */
    public void deleteNamespace(String namespace) {
        RedisCommands<String, byte[]> commands = connection.sync();
        ScanArgs ours = ScanArgs.Builder.limit(KEYS_A_SCAN).match(namespace + ":*");
        ScanCursor cursor = ScanCursor.INITIAL;
        while (!cursor.isFinished()) {
            KeyScanCursor<String> page = commands.scan(cursor, ours);
            if (!page.getKeys().isEmpty()) {
                commands.unlink(page.getKeys().toArray(String[]::new));
            }
            cursor = page;
        }
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}
