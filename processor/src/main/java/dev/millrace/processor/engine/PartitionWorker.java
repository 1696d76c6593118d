package dev.millrace.processor.engine;

import dev.millrace.processor.engine.ReadResult.Entries;
import dev.millrace.processor.engine.ReadResult.Full;
import dev.millrace.processor.engine.ReadResult.Gap;
import dev.millrace.processor.engine.ReadResult.NoGroup;
import dev.millrace.schema.event.StreamId;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private volatile @Nullable PartitionWork current;
    private volatile boolean ended;
    private volatile boolean paused;
    private volatile @Nullable String trouble;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final String bell;
    private final List<String> streams;
    private List<StreamId> lastDelivered;

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
        this.bell = Integer.toString(partition);
        this.streams = feed.streams().apply(partition);
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
                PartitionWork work = handler.begin(tenure, this::wake);
                current = work;
                boolean lost = true;
                try {
                    recover(work);
                    failures = 0;
                    trouble = null;
                    readOn(work);
                    finishUp(work);
                    lost = false;
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
        for (int stream = 0; stream < streams.size(); stream++) {
            Optional<StreamId> last = Optional.of(StreamId.ZERO);
            while (last.isPresent() && !stopping()) {
                last = takeUnfinished(work, stream, last.get());
            }
        }
        work.recovered();
    }

    private Optional<StreamId> takeUnfinished(PartitionWork work, int stream, StreamId after) throws InterruptedException {
        atWork.acquire();
        try {
            Unfinished page = coordination.unfinished(tenure.lease(), stream, after, feed.batchMax());
            metrics.vanished(page.vanished());
            metrics.recovered(page.entries().size());
            if (!page.entries().isEmpty()) {
                work.take(page.entries());
            }
            work.step(true);
            return page.last();
        } finally {
            atWork.release();
        }
    }

    private void readOn(PartitionWork work) throws InterruptedException {
        while (!stopping()) {
            Round round = readAndStep(work);
            switch (round.read()) {
                case Entries(List<StreamEntry> entries) -> {
                    paused = false;
                    if (entries.size() < feed.batchMax()) {
                        rest(work, round.next());
                    }
                }
                case Gap(int stream, StreamId further) ->
                    throw new LostReplyException("the group was given up to " + further + ", we know of " + lastDelivered.get(stream));
                case NoGroup(int _) -> throw new LostReplyException("the stream or its group is gone");
                case Full() -> {
                    paused = true;
                    doorbell.await(bell, Map.of(), shorter(FULL_PAUSE, round.next()), this::rung);
                }
            }
        }
    }

    private Round readAndStep(PartitionWork work) throws InterruptedException {
        atWork.acquire();
        try {
            ReadResult result = coordination.read(tenure.lease(), lastDelivered, feed.batchMax());
            long start = System.nanoTime();
            int taken = 0;
            if (result instanceof Entries(List<StreamEntry> entries) && !entries.isEmpty()) {
                taken = entries.size();
                note(entries);
                work.take(entries);
            }
            Optional<Duration> next = work.step(true);
            if (taken > 0) {
                metrics.batch(taken, System.nanoTime() - start);
            }
            return new Round(result, next);
        } finally {
            atWork.release();
        }
    }

    private void note(List<StreamEntry> entries) {
        List<StreamId> last = new ArrayList<>(lastDelivered);
        for (StreamEntry entry : entries) {
            last.set(entry.stream(), entry.id());
        }
        lastDelivered = last;
    }

    /** Nothing to read: lets the work tidy up once things have settled, and sleeps until something arrives or is due. */
    private void rest(PartitionWork work, Optional<Duration> next) throws InterruptedException {
        // A bell that never rang, for whatever reason, must not mean that nobody looks again.
        Duration left = shorter(IDLE, next);
        for (Duration settle : List.of(SETTLE, SETTLE_AGAIN)) {
            if (left.compareTo(settle) <= 0) {
                break;
            }
            if (doorbell.await(bell, positions(), settle, this::rung)) {
                return;
            }
            work.idle();
            left = left.minus(settle);
        }
        if (left.isPositive() && !stopping()) {
            doorbell.await(bell, positions(), left, this::rung);
        }
    }

    private Map<String, StreamId> positions() {
        Map<String, StreamId> positions = new LinkedHashMap<>();
        for (int stream = 0; stream < streams.size(); stream++) {
            positions.put(streams.get(stream), lastDelivered.get(stream));
        }
        return positions;
    }

    /** After a stop was asked for: what is under way ends and is noted, nothing new begins. */
    private void finishUp(PartitionWork work) throws InterruptedException {
        while (work.busy()) {
            doorbell.await(bell, Map.of(), SETTLE, () -> woken.getAndSet(false));
            work.step(false);
        }
    }

    private static Duration shorter(Duration one, Optional<Duration> other) {
        return other.filter(duration -> duration.compareTo(one) < 0).orElse(one);
    }

    private void wake() {
        woken.set(true);
        doorbell.ring(bell);
    }

    private boolean rung() {
        return woken.getAndSet(false) || stopping();
    }

    private boolean claimAgain(int failures, RuntimeException failure) throws InterruptedException {
        long minEpoch = failure instanceof OutrankedException outranked ? outranked.epoch() + 1 : 0;
        while (!stopping()) {
            waitForStop(Duration.ofMillis(BACKOFF.apply(Math.min(failures, 10))));
            long sent = System.nanoTime();
            try {
                switch (coordination.claim(partition, minEpoch).toCompletableFuture().get(ttl.toNanos(), TimeUnit.NANOSECONDS)) {
                    case ClaimResult.Claimed(Lease lease, List<StreamId> last) -> {
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
        doorbell.ring(bell);
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

    private record Round(ReadResult read, Optional<Duration> next) {}

    /** Something was read that never arrived here, or is gone: start over from what is unfinished. */
    private static final class LostReplyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostReplyException(String message) {
            super(message);
        }
    }
}
