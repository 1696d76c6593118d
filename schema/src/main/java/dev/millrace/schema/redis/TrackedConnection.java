package dev.millrace.schema.redis;

import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.StringCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A connection over which one server says which of the keys that were read through it have changed since. Answers and such messages come in
 * order, so whoever hears an answer has heard of every change before it; the server is asked for its time again and again for that.
 */
final class TrackedConnection implements AutoCloseable {
    /** A change that is older than this has been heard of, or what was read through the connection is not used. */
    private static final long TRUSTED_NANOS = Duration.ofMillis(100).toNanos();
    private static final String INVALIDATE = "invalidate";

    private final StatefulRedisConnection<String, byte[]> connection;
    private final Changes changes;
    private volatile @Nullable Beat last;
    private volatile @Nullable Beat underWay;

    private TrackedConnection(StatefulRedisConnection<String, byte[]> connection, Changes changes) {
        this.connection = connection;
        this.changes = changes;
    }

    /** Is told what has changed; on the connection's own thread, so it may wait for nothing. */
    interface Changes {
        void changed(String key);

        void allChanged();
    }

    /**
     * A moment of Redis time.
     *
     * @param nanos of this process, before the server was asked
     * @param micros what it answered; 0 while it has not
     */
    record Beat(long nanos, long micros) {
        /** Redis time now, in ms: never earlier than it is, and later by no more than the question took. */
        long nowMs() {
            return (micros + (System.nanoTime() - nanos) / 1_000) / 1_000;
        }
    }

    /** Connects and begins to listen. */
    static CompletableFuture<TrackedConnection> open(Connector connector, RedisNode node, Changes changes) {
        return connector.connect(node.uri()).thenCompose(made -> {
            TrackedConnection tracked = new TrackedConnection(made, changes);
            made.addListener(tracked::hear);
            return made.async().clientTracking(TrackingArgs.Builder.enabled()).thenCompose(_ -> tracked.beat()).thenApply(_ -> tracked)
                    .whenComplete((_, failure) -> {
                        if (failure != null) {
                            tracked.close();
                        }
                    });
        });
    }

    private void hear(PushMessage message) {
        if (!message.getType().equals(INVALIDATE)) {
            return;
        }
        List<Object> content = message.getContent(StringCodec.UTF8::decodeKey);
        if (content.get(1) instanceof List<?> keys) {
            keys.forEach(key -> changes.changed(String.valueOf(key)));
        } else {
            changes.allChanged();
        }
    }

    /** Reads a hash; from now on its changes are told. */
    CompletionStage<Map<String, byte[]>> hgetall(String key) {
        return connection.async().hgetall(key);
    }

    /** Asks for the time, unless an answer is awaited; to be called many times a second. */
    CompletionStage<Void> beat() {
        if (underWay != null) {
            return CompletableFuture.completedFuture(null);
        }
        Beat asked = new Beat(System.nanoTime(), 0);
        underWay = asked;
        return connection.async().time().thenAccept(time -> {
            last = new Beat(asked.nanos(), number(time.get(0)) * 1_000_000 + number(time.get(1)));
            underWay = null;
        });
    }

    private static long number(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
    }

    /** Whether all changes have been heard of that are older than the time of trust. */
    boolean current() {
        Beat heard = last;
        return heard != null && connection.isOpen() && System.nanoTime() - heard.nanos() < TRUSTED_NANOS;
    }

    /** Whether it has ended, or nobody seems to be at its other end. */
    boolean over() {
        Beat asked = underWay;
        return !connection.isOpen() || (asked != null && System.nanoTime() - asked.nanos() > Connector.HANDSHAKE.toNanos());
    }

    /** When the server last said what time it is. */
    @Nullable Beat last() {
        return last;
    }

    @Override
    public void close() {
        var _ = connection.closeAsync();
    }
}
