package dev.millrace.processor.engine;

import dev.millrace.processor.engine.ReadResult.Entries;
import dev.millrace.processor.engine.ReadResult.Full;
import dev.millrace.processor.engine.ReadResult.Gap;
import dev.millrace.processor.engine.ReadResult.NoGroup;
import dev.millrace.schema.event.StreamId;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    private static final Duration SETTLE = Duration.ofMillis(50);
    private static final Duration SETTLE_AGAIN = Duration.ofSeconds(1);
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration FULL_PAUSE = Duration.ofMillis(100);
    private static final IntervalFunction BACKOFF = IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(50), 2.0, 0.5,
            Duration.ofSeconds(2));

    private final int partition;
    private final Coordination coordination;
    private final Doorbell doorbell;
    private final PartitionHandler handler;
    private final Feed feed;
    private final Duration ttl;
    private final Semaphore atWork;
    private final EngineMetrics metrics;
    private final CompletableFuture<Void> stopRequested = new CompletableFuture<>();
    private volatile Tenure tenure;
    private volatile boolean ended;
    private volatile boolean paused;
    private volatile @Nullable String trouble;
    private StreamId lastDelivered;

    PartitionWorker(ClaimResult.Claimed claimed, long claimSentNanos, Shared shared) {
        this.partition = claimed.lease().partition();
        this.coordination = shared.coordination();
        this.doorbell = shared.doorbell();
        this.handler = shared.handler();
        this.feed = shared.feed();
        this.ttl = shared.ttl();
        this.atWork = shared.atWork();
        this.metrics = shared.metrics();
        this.tenure = new Tenure(claimed.lease(), claimSentNanos, ttl);
        this.lastDelivered = claimed.lastDelivered();
    }

    /** What all workers of an engine have in common. */
    record Shared(Coordination coordination, Doorbell doorbell, PartitionHandler handler, Feed feed, Duration ttl,
            Semaphore atWork,
            EngineMetrics metrics) {}

    @Override
    public void run() {
        int failures = 0;
        try {
            while (!stopping()) {
                try {
                    recover();
                    failures = 0;
                    trouble = null;
                    readOn();
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
                }
            }
            release();
        } catch (InterruptedException e) {
            // Cut off at the deadline of a stop; the lease runs out by itself.
            LOG.warn("partition {}: stopped in the middle of a batch", partition);
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

    private void recover() throws InterruptedException {
        handler.recover(tenure.lease());
        StreamId after = StreamId.ZERO;
        while (!stopping()) {
            Optional<StreamId> last = finishPage(after);
            if (last.isEmpty()) {
                return;
            }
            after = last.get();
        }
    }

    private Optional<StreamId> finishPage(StreamId after) throws InterruptedException {
        atWork.acquire();
        try {
            Unfinished page = coordination.unfinished(tenure.lease(), after, feed.batchMax());
            metrics.vanished(page.vanished());
            metrics.recovered(page.entries().size());
            if (!page.entries().isEmpty()) {
                handle(page.entries());
            }
            return page.last();
        } finally {
            atWork.release();
        }
    }

    private void readOn() throws InterruptedException {
        while (!stopping()) {
            switch (readAndHandle()) {
                case Entries(List<StreamEntry> entries) -> {
                    paused = false;
                    if (entries.size() < feed.batchMax()) {
                        rest();
                    }
                }
                case Gap(StreamId further) ->
                    throw new LostReplyException("the group was given up to " + further + ", we know of " + lastDelivered);
                case NoGroup() -> throw new LostReplyException("the stream or its group is gone");
                case Full() -> {
                    paused = true;
                    waitForStop(FULL_PAUSE);
                }
            }
        }
    }

    private ReadResult readAndHandle() throws InterruptedException {
        atWork.acquire();
        try {
            ReadResult result = coordination.read(tenure.lease(), lastDelivered, feed.batchMax());
            if (result instanceof Entries(List<StreamEntry> entries) && !entries.isEmpty()) {
                lastDelivered = entries.getLast().id();
                handle(entries);
            }
            return result;
        } finally {
            atWork.release();
        }
    }

    private void handle(List<StreamEntry> entries) {
        long start = System.nanoTime();
        handler.handle(tenure.lease(), entries);
        metrics.batch(entries.size(), System.nanoTime() - start);
    }

    /** Nothing to read: lets the handler tidy up once things have settled, and sleeps until something arrives. */
    private void rest() throws InterruptedException {
        String stream = feed.stream().apply(partition);
        for (Duration settle : List.of(SETTLE, SETTLE_AGAIN)) {
            if (doorbell.await(stream, Map.of(stream, lastDelivered), settle, this::stopping)) {
                return;
            }
            handler.idle(tenure.lease());
        }
        if (!stopping()) {
            // A bell that never rang, for whatever reason, must not mean that nobody looks again.
            doorbell.await(stream, Map.of(stream, lastDelivered), IDLE, this::stopping);
        }
    }

    private boolean claimAgain(int failures, RuntimeException failure) throws InterruptedException {
        long minEpoch = failure instanceof OutrankedException outranked ? outranked.epoch() + 1 : 0;
        while (!stopping()) {
            waitForStop(Duration.ofMillis(BACKOFF.apply(Math.min(failures, 10))));
            long sent = System.nanoTime();
            try {
                switch (coordination.claim(partition, minEpoch).toCompletableFuture().get(ttl.toNanos(), TimeUnit.NANOSECONDS)) {
                    case ClaimResult.Claimed(Lease lease, StreamId last) -> {
                        tenure = new Tenure(lease, sent, ttl);
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
        doorbell.ring(feed.stream().apply(partition));
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

    /** Something was read that never arrived here, or is gone: start over from what is unfinished. */
    private static final class LostReplyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostReplyException(String message) {
            super(message);
        }
    }
}
