package dev.millrace.persister;

import dev.millrace.persister.batch.Batch;
import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.persister.store.PoisonBatchException;
import dev.millrace.persister.store.StoreUnavailableException;
import dev.millrace.persister.store.Written;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.metric.Metric;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Writes what all partitions hand in, in as few transactions as possible: while one runs, the next gathers.
 *
 * <p>
 * A transaction that Postgres can't do now is tried again until it succeeds, its owners lose interest, or the role stops. One that Postgres
 * refuses is taken apart, so that the partition that brought the poison fails alone.
 */
final class GroupCommit implements AutoCloseable {
    /** Transactions at once, where there are connections for them: one gathers and builds rows while the other waits for the disk. */
    static final int TRANSACTIONS = 2;
    private static final Duration STOP = Duration.ofSeconds(3);
    private static final IntervalFunction BACKOFF = IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(50), 2.0, 0.5,
            Duration.ofSeconds(1));
    /** From here on the backoff has its full length. */
    private static final int BACKOFF_FULL = 10;

    private final EventIds ids;
    private final Writer books;
    private final int eventsMax;
    private final Outage outage;
    private final Retry retry;
    private final Counter persisted;
    private final Timer time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Oldest first. Guarded by the lock, like the next three.
    private final Set<Part> waiting = new LinkedHashSet<>();
    private final Set<Part> inHand = new LinkedHashSet<>();
    private final Set<Integer> busyPartitions = new HashSet<>();
    private boolean closed;
    private volatile boolean lastTries;
    private final List<Thread> writers;

    /**
     * Starts the writers.
     *
     * @param transactions at once, at most
     * @param eventsMax events a transaction takes at most, save that one part always fits
     */
    GroupCommit(EventIds ids, Writer books, int transactions, int eventsMax, Outage outage, MeterRegistry registry) {
        this.ids = ids;
        this.books = books;
        this.eventsMax = eventsMax;
        this.outage = outage;
        this.persisted = Metric.PERSISTED.counter(registry);
        this.time = Metric.PERSIST_TIME.timer(registry);
        this.retry = Retry.of("postgres", RetryConfig.custom().maxAttempts(Integer.MAX_VALUE)
                .intervalFunction(attempt -> BACKOFF.apply(Math.min(attempt, BACKOFF_FULL)))
                .retryOnException(failure -> failure instanceof StoreUnavailableException && !lastTries).build());
        Counter retries = Metric.PERSIST_RETRIES.counter(registry);
        retry.getEventPublisher().onRetry(_ -> retries.increment());
        this.writers = IntStream.range(0, transactions).mapToObj(i -> Thread.ofVirtual().name("books-" + i).start(this::writeUntilClosed))
                .toList();
    }

    /** Whoever writes a batch: {@link dev.millrace.persister.store.Books#write}. */
    @FunctionalInterface
    interface Writer {
        Written write(Batch batch);
    }

    /**
     * Hands in changes of a partition.
     *
     * @param alone whether they must not share a transaction, because they may well be refused
     * @throws IllegalStateException if closed
     */
    Part submit(int partition, List<ChangeEntry> changes, boolean alone) {
        Part part = new Part(partition, changes, alone);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the books are closed");
            }
            waiting.add(part);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return part;
    }

    /** From now on, what Postgres can't do at the first try is not tried again; and whoever waits for a Postgres that is away waits no more. */
    void giveUpOnOutages() {
        lastTries = true;
        outage.reason().ifPresent(reason -> {
            StoreUnavailableException failure = new StoreUnavailableException("stopping while " + reason);
            lock.lock();
            try {
                waiting.forEach(part -> part.failed(failure));
                inHand.forEach(part -> part.failed(failure));
            } finally {
                lock.unlock();
            }
        });
    }

    private void writeUntilClosed() {
        try {
            while (true) {
                List<Part> group = gather();
                try {
                    write(group);
                } finally {
                    release(group);
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private List<Part> gather() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                List<Part> group = takeWaiting();
                if (!group.isEmpty()) {
                    return group;
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The oldest part whose partition is in no transaction, and what may go with it. */
    private List<Part> takeWaiting() {
        waiting.removeIf(Part::settled);
        List<Part> group = new ArrayList<>();
        int events = 0;
        for (Iterator<Part> parts = waiting.iterator(); parts.hasNext();) {
            Part part = parts.next();
            boolean fits = group.isEmpty() || (!part.alone() && !group.getFirst().alone() && events + part.events() <= eventsMax);
            if (fits && busyPartitions.add(part.partition())) {
                parts.remove();
                group.add(part);
                events += part.events();
            }
        }
        inHand.addAll(group);
        return group;
    }

    private void release(List<Part> group) {
        lock.lock();
        try {
            group.forEach(part -> busyPartitions.remove(part.partition()));
            group.forEach(inHand::remove);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void write(List<Part> group) {
        try {
            retry.executeRunnable(() -> tryOnce(group));
            group.forEach(Part::committed);
        } catch (PoisonBatchException e) {
            if (group.size() == 1) {
                group.getFirst().failed(e);
            } else {
                group.forEach(part -> write(List.of(part)));
            }
        } catch (RuntimeException e) {
            group.forEach(part -> part.failed(e));
        } catch (Error e) {
            // Nobody may wait for ever, and the writer goes on: what the process can't stand will end it elsewhere too.
            group.forEach(part -> part.failed(new IllegalStateException(e)));
        }
    }

    private void tryOnce(List<Part> group) {
        List<ChangeEntry> wanted = group.stream().filter(part -> !part.settled()).flatMap(part -> part.changes().stream()).toList();
        if (wanted.isEmpty()) {
            return;
        }
        Batch batch = Batch.of(ids, wanted);
        long start = System.nanoTime();
        try {
            Written written = books.write(batch);
            time.record(Duration.ofNanos(System.nanoTime() - start));
            persisted.increment(written.events());
            outage.succeeded();
        } catch (StoreUnavailableException e) {
            outage.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Cuts off what still runs. Its outcome is unknown then, and its owners are told that it failed. */
    @Override
    public void close() {
        lastTries = true;
        IllegalStateException failure = new IllegalStateException("the books were closed");
        lock.lock();
        try {
            closed = true;
            waiting.forEach(part -> part.failed(failure));
            inHand.forEach(part -> part.failed(failure));
            waiting.clear();
        } finally {
            lock.unlock();
        }
        writers.forEach(Thread::interrupt);
        for (Thread writer : writers) {
            try {
                writer.join(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
