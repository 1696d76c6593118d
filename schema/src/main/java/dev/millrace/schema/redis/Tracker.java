package dev.millrace.schema.redis;

import dev.millrace.schema.redis.TrackedConnection.Beat;
import dev.millrace.schema.redis.TrackedConnection.Changes;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a {@link TrackedConnection} to every master, and knows what time it is there. */
final class Tracker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tracker.class);
    /** A few times within the time for which a connection is trusted, so that one late answer does no harm. */
    private static final Duration BEAT_EVERY = Duration.ofMillis(25);
    private static final long CONNECT_EVERY_NANOS = Duration.ofMillis(200).toNanos();

    private final Connector connector;
    private final Topology topology;
    private final Changes changes;
    private final Map<RedisNode, Place> places = new ConcurrentHashMap<>();
    private final Thread tending;
    private volatile @Nullable Beat latest;
    private volatile boolean open = true;

    Tracker(Connector connector, Topology topology, Changes changes) {
        this.connector = connector;
        this.topology = topology;
        this.changes = changes;
        this.tending = Thread.ofVirtual().name("redis-tracking").start(this::tendUntilClosed);
    }

    /** The connection that tells of changes of a key, or null if none does reliably now. */
    @Nullable TrackedConnection of(String key) {
        Place place = place(key);
        TrackedConnection there = place == null ? null : place.connection;
        return there != null && there.current() ? there : null;
    }

    /** What time the server that holds a key last said it was, or any other if that one is unknown; null before the first has. */
    @Nullable Beat lastBeat(String key) {
        Place place = place(key);
        TrackedConnection there = place == null ? null : place.connection;
        Beat beat = there == null ? null : there.last();
        return beat == null ? latest : beat;
    }

    private @Nullable Place place(String key) {
        RedisNode node = topology.nodeOf(key);
        return node == null ? null : places.get(node);
    }

    private void tendUntilClosed() {
        while (open) {
            try {
                tend();
                Thread.sleep(BEAT_EVERY);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.debug("could not look after what tells of changes: {}", e.toString());
            }
        }
    }

    private void tend() {
        Collection<RedisNode> masters = topology.masters();
        places.forEach((node, place) -> {
            if (!masters.contains(node) && places.remove(node, place)) {
                place.close();
            }
        });
        masters.forEach(node -> places.computeIfAbsent(node, Place::new).tend());
    }

    @Override
    public void close() {
        open = false;
        tending.interrupt();
        places.values().forEach(Place::close);
    }

    /** One master. Tended by one thread. */
    private final class Place implements AutoCloseable {
        private final RedisNode node;
        private volatile @Nullable TrackedConnection connection;
        private @Nullable CompletableFuture<TrackedConnection> connecting;
        private long triedNanos = System.nanoTime() - CONNECT_EVERY_NANOS;

        Place(RedisNode node) {
            this.node = node;
        }

        void tend() {
            TrackedConnection now = connection;
            if (now != null && !now.over()) {
                var _ = now.beat();
                Beat beat = now.last();
                latest = beat == null ? latest : beat;
                return;
            }
            if (now != null) {
                now.close();
                connection = null;
            }
            connect();
        }

        private void connect() {
            CompletableFuture<TrackedConnection> made = connecting;
            if (made == null) {
                if (node.available() && System.nanoTime() - triedNanos >= CONNECT_EVERY_NANOS) {
                    triedNanos = System.nanoTime();
                    connecting = TrackedConnection.open(connector, node, changes);
                }
            } else if (made.isDone()) {
                connecting = null;
                if (!made.isCompletedExceptionally()) {
                    connection = made.join();
                }
            }
        }

        @Override
        public void close() {
            TrackedConnection now = connection;
            if (now != null) {
                now.close();
            }
            CompletableFuture<TrackedConnection> underWay = connecting;
            if (underWay != null) {
                var _ = underWay.thenAccept(TrackedConnection::close);
            }
        }
    }
}
