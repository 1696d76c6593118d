package dev.millrace.processor.engine;

import dev.millrace.processor.engine.ReadResult.Entries;
import dev.millrace.processor.engine.ReadResult.Full;
import dev.millrace.processor.engine.ReadResult.Gap;
import dev.millrace.processor.engine.ReadResult.NoGroup;
import dev.millrace.schema.event.StreamId;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works one partition for as long as this process owns it: mends and finishes what a predecessor left, then reads and hands on, batch after
 * batch. After any failure it claims the partition anew, in a higher epoch, and starts over from what is unfinished, because only that is
 * certain then.
 */
final class PartitionWorker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionWorker.class);
    /** After how long without anything new the work may tidy up: soon, and once more for what comes in at its own pace. */
    private static final List<Duration> SETTLED = List.of(Duration.ofMillis(50), Duration.ofSeconds(1));
    /** An upper bound on how late something is read whose ring was lost. */
    private static final Duration UNRUNG = Duration.ofMillis(500);
    /** The same while nothing can be rung. */
    private static final Duration DEAF = Duration.ofMillis(50);
    private static final Duration FULL_PAUSE = Duration.ofMillis(100);
    private static final IntervalFunction BACKOFF = IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(50), 2.0, 0.5,
            Duration.ofSeconds(2));

    private final int partition;
    private final Coordination coordination;
    private final PartitionHandler handler;
    private final Feed feed;
    private final Duration ttl;
    private final Semaphore atWork;
    private final EngineMetrics metrics;
    private final CompletableFuture<Void> stopRequested = new CompletableFuture<>();
    private volatile Tenure tenure;
    private volatile long connection;
    private volatile @Nullable PartitionWork current;
    private volatile boolean ended;
    private volatile boolean paused;
    private volatile @Nullable String trouble;
    /** Something is there to be read, as far as anyone knows. */
    private final AtomicBoolean rung = new AtomicBoolean();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final BooleanSupplier bellListens;
    private volatile @Nullable Thread thread;
    private final int streams;
    private List<StreamId> lastDelivered;

    /**
     * Wires a worker.
     *
     * @param connection through which the claim was sent
     */
    PartitionWorker(ClaimResult.Claimed claimed, long claimSentNanos, long connection, Shared shared) {
        this.partition = claimed.lease().partition();
        this.coordination = shared.coordination();
        this.handler = shared.handler();
        this.feed = shared.feed();
        this.ttl = shared.ttl();
        this.atWork = shared.atWork();
        this.metrics = shared.metrics();
        this.tenure = new Tenure(claimed.lease(), claimSentNanos, ttl);
        this.connection = connection;
        this.bellListens = shared.bellListens();
        this.streams = feed.streams().apply(partition).size();
        this.lastDelivered = claimed.lastDelivered();
    }

    /** What all workers of an engine have in common. */
    record Shared(Coordination coordination, PartitionHandler handler, Feed feed, Duration ttl, Semaphore atWork,
            BooleanSupplier bellListens,
            EngineMetrics metrics) {}

    @Override
    public void run() {
        int failures = 0;
        thread = Thread.currentThread();
        try {
            while (!stopping()) {
                PartitionWork work = handler.begin(tenure, this::wake);
                current = work;
                boolean lost = true;
                try {
                    recover(work);
                    failures = 0;
                    trouble = null;
                    readOn(work);
                } catch (FencedException e) {
                    metrics.fenced();
                    LOG.info("partition {}: fenced in epoch {}, letting go", partition, tenure.leaseUnchecked().epoch());
                    return;
                } catch (RuntimeException e) {
                    failures++;
                    report(e, failures);
                    if (!claimAgain(failures, e)) {
                        return;
                    }
                    lost = false;
                } finally {
                    work.end(lost);
                }
            }
            release();
        } catch (InterruptedException e) {
            // Cut off at the deadline of a stop; the lease runs out by itself.
            LOG.warn("partition {}: stopped in the middle of its work", partition);
        } finally {
            ended = true;
            paused = false;
        }
    }

    private void report(RuntimeException e, int failures) {
        trouble = e.getMessage() == null ? e.toString() : e.getMessage();
        if (failures == 1 || failures % 20 == 0) {
            LOG.warn("partition {}: {} (failure {} in a row)", partition, trouble, failures);
            LOG.debug("partition {} failed", partition, e);
        }
    }

    private void recover(PartitionWork work) throws InterruptedException {
        work.recover();
        for (int stream = 0; stream < streams; stream++) {
            Optional<StreamId> last = Optional.of(StreamId.ZERO);
            while (last.isPresent() && goesOn(work)) {
                last = takeUnfinished(work, stream, last.get());
            }
        }
    }

    /** After a stop was asked for it goes on only until what is under way has ended and is noted, so that meanwhile nothing else stands still. */
    private boolean goesOn(PartitionWork work) {
        return !stopping() || work.busy();
    }

    private Optional<StreamId> takeUnfinished(PartitionWork work, int stream, StreamId after) throws InterruptedException {
        atWork.acquire();
        try {
            checkConnection();
            Unfinished page = coordination.unfinished(tenure.lease(), stream, after, lastDelivered.get(stream), feed.batchMax());
            metrics.vanished(page.vanished());
            metrics.recovered(page.entries().size());
            if (!page.entries().isEmpty()) {
                work.take(page.entries());
            }
            work.step(!stopping());
            return page.last();
        } finally {
            atWork.release();
        }
    }

    private void readOn(PartitionWork work) throws InterruptedException {
        rung.set(true);
        long readDue = System.nanoTime();
        long quietSince = readDue;
        int tidied = 0;
        boolean caughtUp = false;
        while (goesOn(work)) {
            Optional<ReadResult> read = Optional.empty();
            Optional<Duration> next;
            atWork.acquire();
            try {
                checkConnection();
                // Before the read: who rings after it has appended what it may not have met.
                if (rung.getAndSet(false) || System.nanoTime() - readDue >= 0) {
                    read = Optional.of(coordination.read(tenure.lease(), lastDelivered, feed.batchMax()));
                    readDue = System.nanoTime() + pauseAfter(read.get()).toNanos();
                }
                next = handOn(work, read);
            } finally {
                atWork.release();
            }
            if (read.isPresent() && read.get() instanceof Entries(List<StreamEntry> entries)) {
                if (!entries.isEmpty()) {
                    quietSince = System.nanoTime();
                    tidied = 0;
                }
                if (!caughtUp && entries.size() < feed.batchMax()) {
                    caughtUp = true;
                    work.caughtUp();
                }
            }
            long now = System.nanoTime();
            long wait = Math.min(readDue - now, next.map(Duration::toNanos).orElse(Long.MAX_VALUE));
            long untilTidy = tidied < SETTLED.size() ? quietSince + SETTLED.get(tidied).toNanos() - now : Long.MAX_VALUE;
            if (wait > 0 && !rung.get()) {
                if (await(Math.min(wait, untilTidy))) {
                    quietSince = System.nanoTime();
                    tidied = 0;
                } else if (untilTidy <= wait) {
                    work.idle();
                    tidied++;
                }
            }
        }
    }

    /** How long there is nothing to read, unless someone rings. */
    private Duration pauseAfter(ReadResult read) {
        paused = read instanceof Full;
        return switch (read) {
            case Entries(List<StreamEntry> entries) when entries.size() >= feed.batchMax() -> Duration.ZERO;
            case Entries _ -> bellListens.getAsBoolean() ? UNRUNG : DEAF;
            case Gap(int stream, StreamId further) ->
                throw new LostReplyException("the group was given up to " + further + ", we know of " + lastDelivered.get(stream));
            case NoGroup(int _) -> throw new LostReplyException("the stream or its group is gone");
            case Full() -> FULL_PAUSE;
        };
    }

    private Optional<Duration> handOn(PartitionWork work, Optional<ReadResult> read) {
        long start = System.nanoTime();
        int taken = 0;
        if (read.isPresent() && read.get() instanceof Entries(List<StreamEntry> entries) && !entries.isEmpty()) {
            taken = entries.size();
            note(entries);
            work.take(entries);
        }
        Optional<Duration> next = work.step(!stopping());
        if (taken > 0) {
            metrics.batch(taken, System.nanoTime() - start);
        }
        return next;
    }

    private void note(List<StreamEntry> entries) {
        List<StreamId> last = new ArrayList<>(lastDelivered);
        for (StreamEntry entry : entries) {
            last.set(entry.stream(), entry.id());
        }
        lastDelivered = last;
    }

    /** What was read through one connection may be unknown at the end of another: a failover can forget it, and a restart, too. */
    private void checkConnection() {
        if (coordination.connection(partition) != connection) {
            throw new LostReplyException("Redis is reached anew");
        }
    }

    /** Waits until it is woken, which it forgets thereby, or asked to stop; false if the time went by. */
    private boolean await(long atMostNanos) throws InterruptedException {
        long end = System.nanoTime() + atMostNanos;
        while (!woken.getAndSet(false)) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return true;
    }

    private void wake() {
        woken.set(true);
        LockSupport.unpark(thread);
    }

    /** Something has arrived in one of its streams. */
    void ring() {
        rung.set(true);
        wake();
    }

    private boolean claimAgain(int failures, RuntimeException failure) throws InterruptedException {
        long minEpoch = failure instanceof OutrankedException outranked ? outranked.epoch() + 1 : 0;
        while (!stopping()) {
            waitForStop(Duration.ofMillis(BACKOFF.apply(Math.min(failures, 10))));
            long sent = System.nanoTime();
            long through = coordination.connection(partition);
            try {
                switch (coordination.claim(partition, minEpoch).toCompletableFuture().get(ttl.toNanos(), TimeUnit.NANOSECONDS)) {
                    case ClaimResult.Claimed(Lease lease, List<StreamId> last) -> {
                        tenure = new Tenure(lease, sent, ttl);
                        connection = through;
                        lastDelivered = last;
                        metrics.claimed();
                        return true;
                    }
                    case ClaimResult.Held(String owner, Duration left) -> {
                        LOG.info("partition {}: now held by {}", partition, owner);
                        return false;
                    }
                }
            } catch (ExecutionException | TimeoutException e) {
                LOG.debug("partition {} can't be claimed again yet: {}", partition, e.toString());
            }
        }
        return false;
    }

    private void release() {
        try {
            coordination.release(tenure.leaseUnchecked());
        } catch (RuntimeException e) {
            LOG.info("partition {}: not released, its lease runs out by itself: {}", partition, e.getMessage());
        }
    }

    private void waitForStop(Duration atMost) throws InterruptedException {
        try {
            stopRequested.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // The usual end of the wait.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks for an orderly end: the batch at work is finished, then the lease given back. */
    void stop() {
        stopRequested.complete(null);
        wake();
    }

    private boolean stopping() {
        return stopRequested.isDone();
    }

    boolean isStopping() {
        return stopping();
    }

    boolean ended() {
        return ended;
    }

    boolean paused() {
        return paused;
    }

    /** What went wrong last, until it went well again. */
    @Nullable String trouble() {
        return trouble;
    }

    Tenure tenure() {
        return tenure;
    }

    int partition() {
        return partition;
    }

    /** Makes it look now for what no stream shows. */
    void look() {
        PartitionWork work = current;
        if (work != null) {
            work.look();
        }
        wake();
    }

    /** Something was read that never arrived here, or is gone: start over from what is unfinished. */
    private static final class LostReplyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostReplyException(String message) {
            super(message);
        }
    }
}
