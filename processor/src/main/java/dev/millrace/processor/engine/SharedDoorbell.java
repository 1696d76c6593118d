package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.UnblockType;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The doorbell where all streams are on one server: one blocking XREAD over all of them, on a connection of its own. */
final class SharedDoorbell implements Doorbell {
    private static final Logger LOG = LoggerFactory.getLogger(SharedDoorbell.class);
    /** Any key will do: they are all on the same server. */
    private static final String ANYWHERE = "doorbell";
    /** An upper bound on how late a bell rings whose wake-up call was lost, by a reconnect for instance. */
    private static final Duration BLOCK = Duration.ofMillis(500);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(200);

    private final Redis redis;
    /** Who waits, by name. */
    private final Map<String, Listener> listeners = new HashMap<>();
    /** Who waits for which stream. Guarded by {@code listeners}. */
    private final Map<String, String> names = new HashMap<>();
    private @Nullable Thread thread;
    private volatile boolean open;
    /** The read under way that does not hear a new listener yet, if there is one. Guarded by {@code listeners}. */
    private @Nullable Round deaf;
    private volatile @Nullable Round current;
    private long rounds;

    SharedDoorbell(Redis redis) {
        this.redis = redis;
    }

    @Override
    public void start() {
        open = true;
        thread = Thread.ofVirtual().name("doorbell").start(this::listen);
    }

    @Override
    public boolean await(String name, Map<String, StreamId> streams, Duration atMost, BooleanSupplier rungBefore)
            throws InterruptedException {
        Listener listener = new Listener(streams, new CompletableFuture<>());
        Round toEnd;
        synchronized (listeners) {
            listeners.put(name, listener);
            streams.keySet().forEach(stream -> names.put(stream, name));
            listeners.notifyAll();
            toEnd = streams.isEmpty() ? null : deaf;
            if (toEnd != null) {
                deaf = null;
            }
        }
        try {
            if (rungBefore.getAsBoolean()) {
                return true;
            }
            if (toEnd != null) {
                end(toEnd);
            }
            listener.rung().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            synchronized (listeners) {
                if (listeners.remove(name, listener)) {
                    streams.keySet().forEach(names::remove);
                }
            }
        }
    }

    @Override
    public void ring(String name) {
        synchronized (listeners) {
            Listener listener = listeners.remove(name);
            if (listener != null) {
                listener.streams().keySet().forEach(names::remove);
                listener.rung().complete(true);
            }
        }
    }

    private void end(Round round) throws InterruptedException {
        try {
            long id = round.client().get(1, TimeUnit.SECONDS);
            // The read was sent right after the id was asked for, but may reach the server later than this: ask until it was met.
            while (round.equals(current)
                    && redis.await(redis.command(ANYWHERE, (commands, _) -> commands.clientUnblock(id, UnblockType.TIMEOUT))) == 0) {
                Thread.onSpinWait();
            }
        } catch (ExecutionException | TimeoutException | RedisUnavailableException e) {
            LOG.debug("could not end the doorbell's read, which ends by itself: {}", e.toString());
        }
    }

    private void listen() {
        while (open) {
            try (StatefulRedisConnection<String, byte[]> connection = redis.connectForBlocking(ANYWHERE)) {
                while (open) {
                    ringFor(connection);
                }
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                LOG.debug("the doorbell is down: {}", e.toString());
                if (!pause()) {
                    return;
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void ringFor(StatefulRedisConnection<String, byte[]> connection)
            throws InterruptedException, ExecutionException, TimeoutException {
        Future<List<StreamMessage<String, byte[]>>> read;
        synchronized (listeners) {
            while (names.isEmpty()) {
                listeners.wait();
            }
            Round round = new Round(++rounds, connection.async().clientId());
            read = connection.async().xread(XReadArgs.Builder.count(1).block(BLOCK), offsets());
            deaf = round;
            current = round;
        }
        List<StreamMessage<String, byte[]>> arrived;
        try {
            arrived = read.get(BLOCK.plusSeconds(2).toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            synchronized (listeners) {
                deaf = null;
                current = null;
            }
        }
        for (StreamMessage<String, byte[]> message : arrived) {
            ringFor(message.getStream());
        }
    }

    private void ringFor(String stream) {
        synchronized (listeners) {
            String name = names.get(stream);
            if (name != null) {
                ring(name);
            }
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private StreamOffset<String>[] offsets() {
        List<StreamOffset<String>> offsets = new ArrayList<>(names.size());
        for (Listener listener : listeners.values()) {
            listener.streams().forEach((stream, last) -> offsets.add(StreamOffset.from(stream, last.toString())));
        }
        return offsets.toArray(new StreamOffset[0]);
    }

    private static boolean pause() {
        try {
            Thread.sleep(AFTER_FAILURE);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        open = false;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** One blocking read, known by the id of its connection. */
    private record Round(long number, Future<Long> client) {}

    private record Listener(Map<String, StreamId> streams, CompletableFuture<Boolean> rung) {}
}
