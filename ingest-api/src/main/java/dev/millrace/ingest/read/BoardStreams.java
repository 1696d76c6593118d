package dev.millrace.ingest.read;

import dev.millrace.ingest.read.BoardView.Sight;
import dev.millrace.ingest.read.BoardWatch.Frame;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.NearCache;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.StreamSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Those who watch boards. However many watch the same, it is read once for all of them, and what nobody watches is not read. Nothing is kept
 * for a reader who is slow: it is sent the latest when it is ready for more.
 */
public final class BoardStreams implements AutoCloseable {
    private final Redis redis;
    private final Keyspace keys;
    private final Function<BoardView, Sight> looking;
    private final Function<Sight, byte[]> writing;
    private final StreamSettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<BoardView, Shared> watches = new HashMap<>();
    private final Map<String, Integer> byClient = new HashMap<>();
    private @Nullable NearCache<Map<String, String>> fences;
    private int open;
    private boolean closed;

    /**
     * Wires it; nothing is asked of Redis until someone watches.
     *
     * @param boards the live ones
     * @param writing makes of a sight what readers are sent
     */
    public BoardStreams(Redis redis, Keyspace keys, Boards boards, Function<Sight, byte[]> writing, StreamSettings settings,
            MeterRegistry metrics) {
        this.redis = redis;
        this.keys = keys;
        this.writing = writing;
        this.settings = settings;
        Counter looks = Metric.BOARD_LOOKS.counter(metrics);
        this.looking = view -> {
            looks.increment();
            return view.look(boards);
        };
    }

    /** What becomes of the wish to watch something. */
    public sealed interface Opening {}

    /** Why one may not watch. */
    public enum Refused implements Opening {
        /** The client has as many streams open as one client may. */
        CLIENT_FULL,
        /** This process has as many streams open as it may. */
        FULL,
        /** This process is about to stop. */
        STOPPING
    }

    /** What several watch. */
    private static final class Shared {
        private final BoardWatch watch;
        private int watching;

        Shared(BoardWatch watch) {
            this.watch = watch;
        }
    }

    /** Lets someone watch, until it is closed. */
    public final class Watching implements Opening, AutoCloseable {
        private final BoardView view;
        private final BoardWatch watch;
        private long number;

        private Watching(BoardView view, BoardWatch watch) {
            this.view = view;
            this.watch = watch;
        }

        /**
         * Waits until there is something that was not told here.
         *
         * @return the latest, or null if there is nothing in time, or there won't be anything any more
         */
        public byte @Nullable [] next(Duration max) throws InterruptedException {
            Frame frame = watch.after(number, max);
            if (frame == null) {
                return null;
            }
            number = frame.number();
            return frame.bytes();
        }

        /** Whether there won't be anything any more. */
        public boolean over() {
            return watch.over();
        }

        @Override
        public void close() {
            leave(view);
        }
    }

    /** Begins to watch. */
    public Opening open(BoardView view) {
        String client = view.board().client();
        lock.lock();
        try {
            if (closed) {
                return Refused.STOPPING;
            }
            if (byClient.getOrDefault(client, 0) >= settings.clientMax()) {
                return Refused.CLIENT_FULL;
            }
            if (open >= settings.max()) {
                return Refused.FULL;
            }
            Shared shared = watches.computeIfAbsent(view, this::watch);
            shared.watching++;
            open++;
            byClient.merge(client, 1, Integer::sum);
            return new Watching(view, shared.watch);
        } finally {
            lock.unlock();
        }
    }

    private Shared watch(BoardView view) {
        if (fences == null) {
            fences = redis.nearCache(settings.max(), BoardStreams::fence);
        }
        BoardWatch watch = new BoardWatch(view, keys.boardFence(view.board().client(), view.board().name()), fences, looking, writing,
                settings.every());
        watch.start();
        return new Shared(watch);
    }

    private static Map<String, String> fence(Map<String, byte[]> hash) {
        Map<String, String> fence = HashMap.newHashMap(hash.size());
        hash.forEach((partition, change) -> fence.put(partition, new String(change, StandardCharsets.UTF_8)));
        return Map.copyOf(fence);
    }

    private void leave(BoardView view) {
        lock.lock();
        try {
            open--;
            byClient.computeIfPresent(view.board().client(), (_, streams) -> streams == 1 ? null : streams - 1);
            Shared shared = watches.get(view);
            if (shared != null && --shared.watching == 0) {
                watches.remove(view);
                shared.watch.end();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many streams are open. */
    public int open() {
        lock.lock();
        try {
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all streams, and lets nobody open another. */
    @Override
    public void close() {
        List<Shared> all;
        lock.lock();
        try {
            closed = true;
            all = new ArrayList<>(watches.values());
        } finally {
            lock.unlock();
        }
        all.forEach(shared -> shared.watch.end());
    }
}
