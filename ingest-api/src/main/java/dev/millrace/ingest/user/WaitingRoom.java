package dev.millrace.ingest.user;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where heavy work waits its turn: so much at a time, so much waiting, and nothing beyond. It runs on threads of its own, because virtual
 * ones would keep their carriers from everyone else while they compute.
 */
class WaitingRoom {
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final ThreadPoolExecutor threads;
    private final Duration patience;

    /**
     * Opens one; its threads end by themselves.
     *
     * @param atOnce how much is worked at a time
     * @param waiting how much may wait beside that
     * @param patience how long anyone waits for the end of the work
     */
    WaitingRoom(String name, int atOnce, int waiting, Duration patience) {
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(atOnce, atOnce, IDLE.toMillis(), TimeUnit.MILLISECONDS, new ArrayBlockingQueue<>(waiting),
                work -> Thread.ofPlatform().daemon().name(name + '-' + number.incrementAndGet()).unstarted(work));
        this.threads.allowCoreThreadTimeOut(true);
        this.patience = patience;
    }

    /**
     * Does the work, when its turn has come.
     *
     * @throws BusyException if there is no room, or the turn does not come in time
     */
    <T> T call(Callable<T> work) {
        Future<T> result;
        try {
            result = threads.submit(work);
        } catch (RejectedExecutionException e) {
            throw new BusyException();
        }
        try {
            return result.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            leave(result);
            throw new BusyException();
        } catch (InterruptedException e) {
            leave(result);
            Thread.currentThread().interrupt();
            throw new BusyException();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a password could not be hashed", e.getCause());
        }
    }

    /** Whoever goes makes room at once, rather than when it would have been their turn. */
    private void leave(Future<?> result) {
        result.cancel(false);
        threads.purge();
    }
}
