package dev.millrace.processor.engine;

import dev.millrace.schema.redis.Redis;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of partitions in which something happened: an arrival for which its owner waits, or what no stream shows, such as a lane that was
 * paused. One subscription a process. What is rung while it is down is not heard, so whoever relies on it looks by himself now and then, too.
 */
public final class Bell implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bell.class);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(200);
    /** A connection that has gone without a word would otherwise be listened to for ever. */
    private static final Duration PING_EVERY = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Redis redis;
    private final Map<String, IntConsumer> channels;
    private final Runnable tuned;
    private @Nullable Thread thread;
    private volatile boolean open;
    private volatile boolean listening;

    /**
     * Subscribes to nothing yet; {@link #start} does.
     *
     * @param channels who takes the numbers of partitions that come over a channel, on a thread that must not be held up
     * @param tuned called whenever it begins to listen: what was rung before was not heard
     */
    public Bell(Redis redis, Map<String, IntConsumer> channels, Runnable tuned) {
        this.redis = redis;
        this.channels = Map.copyOf(channels);
        this.tuned = tuned;
    }

    /** Begins to listen, also again after {@link #close}. */
    public synchronized void start() {
        if (thread == null) {
            open = true;
            thread = Thread.ofVirtual().name("bell").start(this::listenUntilClosed);
        }
    }

    /** Whether what is rung now would be heard, as far as anyone can know. */
    public boolean listening() {
        return listening;
    }

    @Override
    public synchronized void close() {
        open = false;
        if (thread != null) {
            thread.interrupt();
            thread = null;
        }
    }

    private void listenUntilClosed() {
        String any = channels.keySet().iterator().next();
        while (open) {
            try (StatefulRedisPubSubConnection<String, byte[]> connection = redis.connectForMessages(any)) {
                listen(connection);
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                LOG.debug("the bell is down: {}", e.toString());
            } catch (InterruptedException e) {
                return;
            } finally {
                listening = false;
            }
            try {
                Thread.sleep(AFTER_FAILURE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Listens until the connection is lost. A new one is made then, which is certain to be subscribed. */
    private void listen(StatefulRedisPubSubConnection<String, byte[]> connection)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                lost.complete(null);
            }
        });
        connection.addListener(new RedisPubSubAdapter<String, byte[]>() {
            @Override
            public void message(String from, byte[] message) {
                ring(from, message);
            }
        });
        connection.async().subscribe(channels.keySet().toArray(String[]::new)).get(ANSWER.toNanos(), TimeUnit.NANOSECONDS);
        listening = true;
        tuned.run();
        while (open) {
            try {
                lost.get(PING_EVERY.toNanos(), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                connection.async().ping().get(ANSWER.toNanos(), TimeUnit.NANOSECONDS);
            }
        }
    }

    private void ring(String channel, byte[] message) {
        try {
            channels.getOrDefault(channel, _ -> {}).accept(Integer.parseInt(new String(message, StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            LOG.warn("a ring of the bell came to nothing: {}", e.toString());
        }
    }
}
