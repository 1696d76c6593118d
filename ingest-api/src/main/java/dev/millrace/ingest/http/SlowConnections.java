package dev.millrace.ingest.http;

import dev.millrace.schema.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts connections off whose other end takes its time. Their idle time bounds how long nothing may come or go; this bounds those that send
 * the head of a request, or take an answer, a few bytes at a time. Bodies have a pace of their own, see {@link PacedInput}.
 */
final class SlowConnections extends Handler.Wrapper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlowConnections.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /** How long the head of a request may take from its first bytes on. */
    private static final long HEAD_NANOS = Duration.ofSeconds(10).toNanos();
    /** How long an answer may wait for its reader, besides the time that it takes at the least rate. */
    private static final long ANSWER_NANOS = Duration.ofSeconds(15).toNanos();
    private static final int ANSWER_BYTES_A_SECOND = 16 << 10;

    /** Connections with a request under way. */
    private final Set<Connection> busy = ConcurrentHashMap.newKeySet();
    private final Map<EndPoint, Watch> watched = new HashMap<>();
    private final Counter inHead;
    private final Counter inAnswer;
    private @Nullable Thread loop;

    SlowConnections(MeterRegistry metrics) {
        this.inHead = Metric.HTTP_CUT_OFF.counter(metrics, "head");
        this.inAnswer = Metric.HTTP_CUT_OFF.counter(metrics, "answer");
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Connection connection = request.getConnectionMetaData().getConnection();
        busy.add(connection);
        Request.addCompletionListener(request, _ -> busy.remove(connection));
        return super.handle(request, response, callback);
    }

    /** Begins to look. */
    synchronized void watch(ServerConnector connector) {
        if (loop == null) {
            loop = Thread.ofVirtual().name("slow-connections").start(() -> runUntilClosed(connector));
        }
    }

    private void runUntilClosed(ServerConnector connector) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(LOOK_EVERY);
                runOnce(Set.copyOf(connector.getConnectedEndPoints()), System.nanoTime());
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("could not look for slow connections: {}", e.toString());
            }
        }
    }

    private void runOnce(Set<EndPoint> open, long now) {
        watched.keySet().removeIf(end -> !open.contains(end));
        for (EndPoint end : open) {
            Connection connection = end.getConnection();
            if (connection != null) {
                Counter cut = watched.computeIfAbsent(end, _ -> new Watch(now)).look(connection, end, now);
                if (cut != null) {
                    cut.increment();
                    LOG.debug("cut off {}, which was slow", end.getRemoteSocketAddress());
                    end.close();
                }
            }
        }
    }

    /** What has been seen of one connection. */
    private final class Watch {
        private long lookedAt;
        /** Requests whose head has come. */
        private long heads;
        /** Bytes that had come when the last request had ended. */
        private long bytesIn;
        /** When more than these were first seen to have come. */
        private @Nullable Long headBegan;
        private boolean answering;
        private long bytesOut;
        private long waitedNanos;

        Watch(long now) {
            this.lookedAt = now;
        }

        /** Where its time is over, what to count that as. */
        @Nullable Counter look(Connection connection, EndPoint end, long now) {
            long sinceLast = now - lookedAt;
            lookedAt = now;
            return busy.contains(connection) ? lookAtAnswer(connection, end, sinceLast) : lookAtHead(connection, now);
        }

        private @Nullable Counter lookAtHead(Connection connection, long now) {
            if (answering || heads != connection.getMessagesIn()) {
                answering = false;
                heads = connection.getMessagesIn();
                bytesIn = connection.getBytesIn();
                headBegan = null;
            } else if (headBegan == null && connection.getBytesIn() > bytesIn) {
                headBegan = now;
            }
            return headBegan != null && now - headBegan > HEAD_NANOS ? inHead : null;
        }

        private @Nullable Counter lookAtAnswer(Connection connection, EndPoint end, long sinceLast) {
            if (!answering || heads != connection.getMessagesIn()) {
                answering = true;
                heads = connection.getMessagesIn();
                waitedNanos = 0;
            } else if (end instanceof AbstractEndPoint written && written.getWriteFlusher().isPending()) {
                if (waitedNanos == 0) {
                    // What went before filled buffers on the way, and says nothing of who reads.
                    bytesOut = connection.getBytesOut();
                }
                waitedNanos += sinceLast;
            }
            long taken = connection.getBytesOut() - bytesOut;
            return waitedNanos > ANSWER_NANOS + Duration.ofSeconds(taken / ANSWER_BYTES_A_SECOND).toNanos() ? inAnswer : null;
        }
    }

    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.interrupt();
            loop = null;
        }
    }
}
