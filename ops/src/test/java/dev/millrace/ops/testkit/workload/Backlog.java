package dev.millrace.ops.testkit.workload;

import dev.millrace.ops.testkit.workload.History.Lag;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.lettuce.core.RedisCommandExecutionException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** What is left to do in a namespace: unfinished events, counters that still wait for some, changes that boards or books lack. */
public final class Backlog {
    private final Redis redis;
    private final Namespace namespace;

    public Backlog(Redis redis, Namespace namespace) {
        this.redis = redis;
        this.namespace = namespace;
    }

    /** Waits until nothing is left. */
    public Lag awaitEmpty(Duration atMost) {
        long start = System.nanoTime();
        try {
            Awaitility.await().atMost(atMost).pollInterval(Duration.ofMillis(50)).ignoreException(RedisUnavailableException.class)
                    .until(() -> left().isEmpty());
            return new Lag(Optional.of(Duration.ofNanos(System.nanoTime() - start)), "");
        } catch (ConditionTimeoutException e) {
            return new Lag(Optional.empty(), left().toString());
        }
    }

    /** How many of each kind are left, without those of which there are none. */
    public Map<String, Long> left() {
        Map<String, Long> left = new TreeMap<>();
        for (Partition partition : partitions()) {
            count(left, "unfinished events", redis.await(partition.events()));
            Map<String, byte[]> depth = redis.await(partition.depth());
            byte[] unpersisted = depth.remove(Keyspace.DEPTH_UNPERSISTED);
            count(left, "events that are not in the books", unpersisted == null ? 0 : Long.parseLong(text(unpersisted)));
            count(left, "depth counters", depth.size());
            count(left, "partitions whose board is behind", redis.await(partition.behind()) ? 1 : 0);
        }
        return left;
    }

    /** Asks for all partitions at once. */
    private List<Partition> partitions() {
        List<Partition> partitions = new ArrayList<>();
        Keyspace keys = namespace.keys();
        for (int partition = 0; partition < namespace.partitions().count(); partition++) {
            int of = partition;
            CompletionStage<Long> events = CompletableFuture.completedFuture(0L);
            for (Priority priority : Priority.values()) {
                events = events.thenCombine(redis.command(keys.events(of, priority), (commands, at) -> commands.xlen(at)), Long::sum);
            }
            partitions.add(new Partition(events, redis.command(keys.depth(of), (commands, at) -> commands.hgetall(at)), behind(of)));
        }
        return partitions;
    }

    private CompletionStage<Boolean> behind(int partition) {
        Keyspace keys = namespace.keys();
        CompletionStage<StreamId> boarded = redis.command(keys.boarded(partition), (commands, at) -> commands.get(at))
                .thenApply(id -> id == null ? StreamId.ZERO : StreamId.parse(text(id)));
        CompletionStage<StreamId> last = redis.command(keys.changes(partition), (commands, at) -> commands.xinfoStream(at))
                .handle((info, failure) -> failure == null ? lastGenerated(info) : noStream(failure));
        return boarded.thenCombine(last, (there, made) -> there.compareTo(made) < 0);
    }

    private static StreamId lastGenerated(List<Object> info) {
        for (int i = 0; i + 1 < info.size(); i += 2) {
            if (info.get(i) instanceof byte[] name && text(name).equals("last-generated-id")) {
                return StreamId.parse(text((byte[]) info.get(i + 1)));
            }
        }
        throw new IllegalStateException("XINFO STREAM names no last-generated-id");
    }

    private static StreamId noStream(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof RedisCommandExecutionException && String.valueOf(cause.getMessage()).contains("no such key")) {
            return StreamId.ZERO;
        }
        throw new RedisUnavailableException("XINFO STREAM failed", false, failure);
    }

    private static void count(Map<String, Long> left, String what, long count) {
        if (count > 0) {
            left.merge(what, count, Long::sum);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private record Partition(CompletionStage<Long> events, CompletionStage<Map<String, byte[]>> depth, CompletionStage<Boolean> behind) {}
}
