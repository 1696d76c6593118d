package dev.millrace.ingest.read;

import dev.millrace.ingest.read.BoardView.Sight;
import dev.millrace.schema.redis.NearCache;
import dev.millrace.schema.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one view for all who watch it. Of the board's fence, which every change of the board changes too, Redis tells when it has
 * changed; only then, and at most once in a while, the view is read.
 */
final class BoardWatch {
    private static final Logger LOG = LoggerFactory.getLogger(BoardWatch.class);
    /** Whatever was missed is seen after this. */
    private static final long LOOK_ANYWAY_NANOS = Duration.ofSeconds(15).toNanos();

    private final BoardView view;
    private final String fence;
    private final NearCache<Map<String, String>> fences;
    private final Function<BoardView, Sight> looking;
    private final Function<Sight, byte[]> writing;
    private final Duration every;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private @Nullable Frame latest;
    private volatile boolean over;
    private @Nullable Thread thread;

    /**
     * @param fence key of the board's fence
     * @param writing makes of a sight what readers are sent
     * @param every how long to leave between two looks at least
     */
    BoardWatch(BoardView view, String fence, NearCache<Map<String, String>> fences, Function<BoardView, Sight> looking,
            Function<Sight, byte[]> writing, Duration every) {
        this.view = view;
        this.fence = fence;
        this.fences = fences;
        this.looking = looking;
        this.writing = writing;
        this.every = every;
    }

    /** What was seen, ready to be sent; each has a higher number than those before. */
    static final class Frame {
        private final long number;
        private final byte[] bytes;

        private Frame(long number, byte[] bytes) {
            this.number = number;
            this.bytes = bytes;
        }

        long number() {
            return number;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    void start() {
        thread = Thread.ofVirtual().name("board-watch").start(this::watch);
    }

    private void watch() {
        Map<String, String> seen = Map.of();
        @Nullable Object shown = null;
        long looked = System.nanoTime() - LOOK_ANYWAY_NANOS;
        try {
            while (!over) {
                try {
                    Map<String, String> now = fences.get(fence);
                    if (!now.equals(seen) || System.nanoTime() - looked >= LOOK_ANYWAY_NANOS) {
                        Sight sight = looking.apply(view);
                        seen = now;
                        looked = System.nanoTime();
                        if (!sight.shows().equals(shown)) {
                            shown = sight.shows();
                            publish(writing.apply(sight));
                        }
                    }
                } catch (RedisUnavailableException e) {
                    LOG.debug("{} can't be watched now: {}", view, e.getMessage());
                } catch (RuntimeException e) {
                    LOG.warn("{} can't be watched", view, e);
                }
                Thread.sleep(every);
            }
        } catch (InterruptedException e) {
            LOG.trace("nobody watches {} any more", view);
        }
    }

    private void publish(byte[] bytes) {
        lock.lock();
        try {
            latest = new Frame(latest == null ? 1 : latest.number() + 1, bytes);
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what was seen after some other; of several only the latest is of interest. Null if there is none in time. */
    @Nullable Frame after(long number, Duration max) throws InterruptedException {
        long left = max.toNanos();
        lock.lock();
        try {
            while (!over && left > 0 && (latest == null || latest.number() <= number)) {
                left = news.awaitNanos(left);
            }
            return latest == null || latest.number() <= number ? null : latest;
        } finally {
            lock.unlock();
        }
    }

    boolean over() {
        return over;
    }

    void end() {
        lock.lock();
        try {
            over = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
        if (thread != null) {
            thread.interrupt();
        }
    }
}
