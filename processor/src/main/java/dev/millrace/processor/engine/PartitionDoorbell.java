package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.lettuce.core.RedisException;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The doorbell of a Redis Cluster, where partitions are on several servers and move between them: a blocking XREAD for each idle partition,
 * on a connection of its own to the server that holds it. Partitions beyond the bound of connections look for themselves, often.
 */
final class PartitionDoorbell implements Doorbell {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionDoorbell.class);
    private static final int CONNECTIONS_MAX = 256;
    /** An upper bound on how late a bell rings whose wake-up call was lost. */
    private static final Duration BLOCK = Duration.ofMillis(500);
    private static final Duration SILENT = BLOCK.plusSeconds(2);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(100);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    /** A partition that did not wait for so long is another's now, or so busy that it needs no bell. */
    private static final Duration UNUSED = Duration.ofSeconds(10);

    private final Redis redis;
    private final Semaphore connections = new Semaphore(CONNECTIONS_MAX);
    private final Map<String, Bell> bells = new ConcurrentHashMap<>();
    private volatile boolean open;
    private @Nullable Thread sweeper;

    PartitionDoorbell(Redis redis) {
        this.redis = redis;
    }

    @Override
    public void start() {
        open = true;
        sweeper = Thread.ofVirtual().name("doorbell-sweeper").start(this::sweep);
    }

    @Override
    public boolean await(String name, Map<String, StreamId> streams, Duration atMost, BooleanSupplier rungBefore)
            throws InterruptedException {
        Bell bell = bells.computeIfAbsent(name, _ -> new Bell());
        SortedMap<String, StreamId> after = new TreeMap<>(streams);
        long end = System.nanoTime() + atMost.toNanos();
        if (rungBefore.getAsBoolean()) {
            return true;
        }
        while (!bell.answered()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            try {
                if (after.isEmpty()) {
                    bell.heard(left);
                } else if (bell.arrived(after, left)) {
                    return true;
                }
            } catch (ExecutionException | TimeoutException | RedisUnavailableException | RedisException e) {
                // The slot moves, the server is away or about to be another: look again, at whoever holds it then.
                LOG.debug("the bell {} is down: {}", name, e.toString());
                bell.hangUp();
                bell.heard(Math.min(AFTER_FAILURE.toNanos(), end - System.nanoTime()));
            }
        }
        return true;
    }

    @Override
    public void ring(String name) {
        Bell bell = bells.get(name);
        if (bell != null) {
            bell.ring();
        }
    }

    private void sweep() {
        while (open) {
            try {
                Thread.sleep(UNUSED.dividedBy(2));
            } catch (InterruptedException e) {
                return;
            }
            bells.values().forEach(Bell::hangUpIfUnused);
        }
    }

    @Override
    public void close() {
        open = false;
        Thread running = sweeper;
        if (running != null) {
            running.interrupt();
        }
        bells.values().forEach(Bell::hangUp);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static StreamOffset<String>[] offsets(Map<String, StreamId> after) {
        return after.entrySet().stream().map(one -> StreamOffset.from(one.getKey(), one.getValue().toString()))
                .toArray(StreamOffset[]::new);
    }

    /** The bell of one partition, at which one thread waits at a time. */
    private final class Bell {
        private volatile CompletableFuture<Boolean> rung = new CompletableFuture<>();
        private volatile long usedNanos = System.nanoTime();
        private @Nullable StatefulRedisConnection<String, byte[]> connection;
        private @Nullable Read underWay;

        void ring() {
            rung.complete(true);
        }

        /** Whether it was rung, which it forgets thereby. */
        boolean answered() {
            if (!rung.isDone()) {
                return false;
            }
            rung = new CompletableFuture<>();
            return true;
        }

        /** Waits to be rung. */
        void heard(long atMostNanos) throws InterruptedException {
            try {
                rung.get(Math.max(1, atMostNanos), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                // Nobody did.
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Whether something has arrived; false, too, when it was rung meanwhile. */
        boolean arrived(SortedMap<String, StreamId> after, long atMostNanos)
                throws InterruptedException, ExecutionException, TimeoutException {
            usedNanos = System.nanoTime();
            Read read = read(after);
            if (read == null) {
                heard(Math.min(LOOK_EVERY.toNanos(), atMostNanos));
                return newer(after, redis.await(
                        redis.command(after.firstKey(), (commands, _) -> commands.xread(XReadArgs.Builder.count(1), offsets(after)))));
            }
            try {
                CompletableFuture.anyOf(rung, read.answer()).get(Math.min(SILENT.toNanos(), atMostNanos), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() - read.sentNanos() > SILENT.toNanos()) {
                    throw e;
                }
            }
            if (!read.answer().isDone()) {
                return false;
            }
            forget(read);
            return newer(after, read.answer().get());
        }

        private static boolean newer(Map<String, StreamId> after, List<StreamMessage<String, byte[]>> found) {
            return found.stream().anyMatch(
                    message -> StreamId.parse(message.getId()).compareTo(after.getOrDefault(message.getStream(), StreamId.ZERO)) > 0);
        }

        /**
         * The read that waits for what comes after these ids, or null if there is no connection to be had. One that was sent for earlier ids of
         * the same streams and is not answered yet has met nothing since, and serves as well.
         */
        private synchronized @Nullable Read read(SortedMap<String, StreamId> after) {
            Read before = underWay;
            if (before != null) {
                if (before.covers(after)) {
                    return before;
                }
                hangUp();
            }
            StatefulRedisConnection<String, byte[]> through = connection;
            if (through == null) {
                if (!connections.tryAcquire()) {
                    return null;
                }
                boolean connected = false;
                try {
                    through = redis.connectForBlocking(after.firstKey());
                    connected = true;
                } finally {
                    if (!connected) {
                        connections.release();
                    }
                }
                connection = through;
            }
            Read read = new Read(Map.copyOf(after), System.nanoTime(),
                    through.async().xread(XReadArgs.Builder.count(1).block(BLOCK), offsets(after)).toCompletableFuture());
            underWay = read;
            return read;
        }

        private synchronized void forget(Read read) {
            if (read.equals(underWay)) {
                underWay = null;
            }
        }

        synchronized void hangUp() {
            StatefulRedisConnection<String, byte[]> through = connection;
            connection = null;
            underWay = null;
            if (through != null) {
                connections.release();
                var _ = through.closeAsync();
            }
        }

        void hangUpIfUnused() {
            if (System.nanoTime() - usedNanos > UNUSED.toNanos()) {
                hangUp();
            }
        }
    }

    private record Read(Map<String, StreamId> after, long sentNanos, CompletableFuture<List<StreamMessage<String, byte[]>>> answer) {
        boolean covers(Map<String, StreamId> later) {
            return after.keySet().equals(later.keySet()) && after.entrySet().stream()
                    .allMatch(one -> one.getValue().compareTo(later.getOrDefault(one.getKey(), StreamId.ZERO)) <= 0);
        }
    }
}
