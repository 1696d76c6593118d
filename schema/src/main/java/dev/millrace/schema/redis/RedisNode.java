package dev.millrace.schema.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server: a connection that is shared by pipelining, and a circuit that refuses at once while the server is away or silent. A node knows
 * nothing of other nodes, so that one that is away holds up nobody but those who need it.
 */
final class RedisNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisNode.class);
    private static final int DEFAULT_PORT = 6379;
    private static final AtomicLong CONNECTIONS = new AtomicLong();

    private final Connector connector;
    private final RedisURI uri;
    private final Queue<Sent> inFlight = new ConcurrentLinkedQueue<>();
    private volatile @Nullable StatefulRedisConnection<String, byte[]> connection;
    private volatile long number;
    private final ReplicatedLine replicated;
    private volatile boolean answering = true;
    private volatile boolean closed;
    private volatile long spokenOfNanos = System.nanoTime();
    /** Guarded by this node, like the two below. */
    private @Nullable CompletableFuture<Void> connecting;
    private @Nullable CompletableFuture<StatefulRedisConnection<String, byte[]>> asking;
    private @Nullable Sent ping;

    RedisNode(Connector connector, RedisURI uri) {
        this.connector = connector;
        this.uri = uri;
        this.replicated = new ReplicatedLine(() -> connector.connect(uri), connector.timeout().dividedBy(2));
    }

    /** Host and port. */
    String address() {
        return address(uri.getHost(), uri.getPort());
    }

    static String address(String host, int port) {
        return host + ':' + (port <= 0 ? DEFAULT_PORT : port);
    }

    RedisURI uri() {
        return uri;
    }

    /** Whether it answered lately; false from the first time-out or disconnect until it answers again. */
    boolean available() {
        StatefulRedisConnection<String, byte[]> now = connection;
        return answering && now != null && now.isOpen();
    }

    /** The number of its present connection among all that this process has made. */
    long connectionNumber() {
        return number;
    }

    /** Completes when there is a connection; fails if none can be made. */
    synchronized CompletableFuture<Void> connected() {
        StatefulRedisConnection<String, byte[]> now = connection;
        if (now != null && now.isOpen()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> underWay = connecting;
        if (underWay == null || underWay.isDone()) {
            underWay = connector.connect(uri).thenAccept(this::adopt);
            connecting = underWay;
        }
        return underWay;
    }

    private synchronized void adopt(StatefulRedisConnection<String, byte[]> made) {
        StatefulRedisConnection<String, byte[]> before = connection;
        if (closed) {
            var _ = made.closeAsync();
            return;
        }
        connection = made;
        number = CONNECTIONS.incrementAndGet();
        ping = null;
        if (before != null) {
            var _ = before.closeAsync();
            replicated.cut();
            LOG.info("Redis at {} is connected again", address());
        }
        answering = true;
    }

    /** Sends one command at once or fails at once. */
    <T> CompletionStage<T> send(NodeCommand<T> command) {
        StatefulRedisConnection<String, byte[]> now = connection;
        if (now == null || !answering || !now.isOpen()) {
            return CompletableFuture.failedFuture(new RedisUnavailableException("Redis is away (" + address() + ")"));
        }
        return send(now, command);
    }

    private <T> CompletionStage<T> send(StatefulRedisConnection<String, byte[]> through, NodeCommand<T> command) {
        Sent sent = new Sent(System.nanoTime());
        inFlight.add(sent);
        CompletionStage<T> answer;
        try {
            answer = command.send(through.async());
        } catch (RuntimeException e) {
            settle(sent);
            return CompletableFuture.failedFuture(e);
        }
        var _ = answer.whenComplete((_, _) -> settle(sent));
        return answer;
    }

    /**
     * The same for a command that completes only when so many replicas have its effects.
     *
     * @param replicas 0 for none
     */
    <T> CompletionStage<T> send(NodeCommand<T> command, int replicas) {
        if (replicas == 0) {
            return send(command);
        }
        if (!available()) {
            return CompletableFuture.failedFuture(new RedisUnavailableException("Redis is away (" + address() + ")"));
        }
        return replicated.send(command, replicas);
    }

    /**
     * Sends one command for a slot that this node is taking over. Two commands must reach the server with none between them, so they have a
     * connection of their own.
     */
    <T> CompletionStage<T> sendAsking(NodeCommand<T> command) {
        return forAsking().thenCompose(own -> {
            synchronized (own) {
                var _ = own.async().asking();
                return command.send(own.async());
            }
        });
    }

    private synchronized CompletableFuture<StatefulRedisConnection<String, byte[]>> forAsking() {
        CompletableFuture<StatefulRedisConnection<String, byte[]>> made = asking;
        boolean broken = made == null || made.isCompletedExceptionally() || (made.isDone() && !made.join().isOpen());
        if (made == null || broken) {
            made = connector.connect(uri);
            asking = made;
        }
        return made;
    }

    /** Looks after the connection; to be called several times a second. Waits for nothing. */
    synchronized void tend() {
        StatefulRedisConnection<String, byte[]> now = connection;
        if (now == null || !now.isOpen()) {
            var _ = connected();
            return;
        }
        openCircuitIfSilent();
        if (answering) {
            return;
        }
        Sent asked = ping;
        if (asked == null || asked.done) {
            ping(now);
        } else if (System.nanoTime() - asked.nanos > Connector.HANDSHAKE.toNanos()) {
            // Nobody is at the other end of this connection any more, or not for a long time: see who answers a new one.
            var _ = now.closeAsync();
            replicated.cut();
        }
    }

    private void ping(StatefulRedisConnection<String, byte[]> through) {
        Sent sent = new Sent(System.nanoTime());
        ping = sent;
        var _ = through.async().ping().whenComplete((_, failure) -> {
            sent.done = true;
            if (failure == null && through.equals(connection)) {
                answering = true;
                LOG.info("Redis at {} answers again", address());
            }
        });
    }

    /** Answers come in order, so the oldest command tells whether the server keeps up. */
    void openCircuitIfSilent() {
        Sent oldest = oldest();
        if (answering && oldest != null && System.nanoTime() - oldest.nanos >= connector.timeout().toNanos()) {
            answering = false;
            LOG.warn("Redis at {} did not answer within {} ms; refusing commands until it does", address(), connector.timeout().toMillis());
        }
    }

    /** Notes that somebody named this node. */
    void spokenOf() {
        spokenOfNanos = System.nanoTime();
    }

    boolean forgottenFor(Duration atLeast) {
        return System.nanoTime() - spokenOfNanos >= atLeast.toNanos();
    }

    /** Whether nothing is under way. */
    boolean idle() {
        return oldest() == null;
    }

    private void settle(Sent sent) {
        sent.done = true;
        oldest();
    }

    private @Nullable Sent oldest() {
        Sent head = inFlight.peek();
        while (head != null && head.done) {
            inFlight.remove(head);
            head = inFlight.peek();
        }
        return head;
    }

    @Override
    public synchronized void close() {
        closed = true;
        StatefulRedisConnection<String, byte[]> now = connection;
        if (now != null) {
            var _ = now.closeAsync();
        }
        replicated.cut();
        CompletableFuture<StatefulRedisConnection<String, byte[]>> own = asking;
        if (own != null) {
            var _ = own.thenCompose(StatefulRedisConnection::closeAsync);
        }
    }

    @Override
    public String toString() {
        return address();
    }

    /** A command under way. */
    private static final class Sent {
        private final long nanos;
        private volatile boolean done;

        Sent(long nanos) {
            this.nanos = nanos;
        }
    }
}
