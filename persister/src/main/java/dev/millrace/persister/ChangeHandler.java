package dev.millrace.persister;

import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.persister.store.PoisonBatchException;
import dev.millrace.processor.engine.FencedException;
import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.PartitionHandler;
import dev.millrace.processor.engine.PartitionWork;
import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.processor.engine.Tenure;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.event.MalformedEntryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a partition's changes into the books: first commits, then acknowledges. A crash between the two makes the changes come again, and the
 * books know them then.
 *
 * <p>
 * While Postgres is away it waits. A change that can't be written at all holds back its partition, and is tried again with the engine's
 * backoff: nothing is dropped.
 */
final class ChangeHandler implements PartitionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeHandler.class);
    /** How often, while waiting for a commit, it is asked whether the partition is still ours. */
    private static final Duration CHECK_LEASE = Duration.ofSeconds(1);
    /** The engine tries again every few seconds; a partition whose last try is longer ago has gone to another owner. */
    private static final Duration STILL_OURS = Duration.ofSeconds(30);

    private final GroupCommit books;
    private final ChangeStream stream;
    private final int eventsMax;
    private final Map<Integer, Held> held = new ConcurrentHashMap<>();

    /**
     * Wires a handler.
     *
     * @param eventsMax events that are handed in at once; a single change may tell of more
     */
    ChangeHandler(GroupCommit books, ChangeStream stream, int eventsMax) {
        this.books = books;
        this.stream = stream;
        this.eventsMax = eventsMax;
    }

    /** Which partitions can't go on, and why. */
    Map<Integer, String> held() {
        long now = System.nanoTime();
        Map<Integer, String> reasons = new TreeMap<>();
        held.forEach((partition, last) -> {
            if (now - last.triedNanos() < STILL_OURS.toNanos()) {
                reasons.put(partition, last.why());
            }
        });
        return reasons;
    }

    @Override
    public PartitionWork begin(Tenure tenure, Runnable wake) {
        return new Changes(tenure);
    }

    private void handle(Lease lease, List<StreamEntry> batch) {
        try {
            List<ChangeEntry> piece = new ArrayList<>();
            int events = 0;
            for (StreamEntry entry : batch) {
                ChangeEntry change = decode(lease, entry, piece);
                if (!piece.isEmpty() && events + change.change().events() > eventsMax) {
                    persist(lease, piece);
                    piece.clear();
                    events = 0;
                }
                piece.add(change);
                events += change.change().events();
            }
            persist(lease, piece);
        } catch (PoisonBatchException e) {
            hold(lease, e);
            throw e;
        }
        if (held.remove(lease.partition()) != null) {
            LOG.info("partition {}: goes on", lease.partition());
        }
    }

    private ChangeEntry decode(Lease lease, StreamEntry entry, List<ChangeEntry> before) {
        try {
            return new ChangeEntry(lease.partition(), entry.id(), ChangeCodec.decode(entry.fields()));
        } catch (MalformedEntryException e) {
            // What comes before it is good, and need not wait for it.
            persist(lease, before);
            throw new PoisonBatchException("change " + entry.id() + " can't be read: " + e.getMessage(), e);
        }
    }

    private void persist(Lease lease, List<ChangeEntry> changes) {
        if (changes.isEmpty()) {
            return;
        }
        Part part = books.submit(lease.partition(), changes, held.containsKey(lease.partition()));
        try {
            while (!part.await(CHECK_LEASE)) {
                finish(lease, List.of());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for Postgres");
        } finally {
            part.withdraw();
        }
        finish(lease, changes);
    }

    private void finish(Lease lease, List<ChangeEntry> changes) {
        switch (stream.persisted(lease, changes)) {
            case ChangeStream.Result.Done _ -> {}
            case ChangeStream.Result.Fenced _ -> throw new FencedException(lease);
        }
    }

    private void hold(Lease lease, PoisonBatchException failure) {
        String why = String.valueOf(failure.getMessage());
        Held before = held.put(lease.partition(), new Held(why, System.nanoTime()));
        if (before == null || !why.equals(before.why())) {
            LOG.error("partition {} is held back, its changes wait in Redis: {}", lease.partition(), why, failure);
        }
    }

    /** The changes of one partition under one lease: written as they come, so that nothing is ever under way. */
    private final class Changes implements PartitionWork {
        private final Tenure tenure;

        Changes(Tenure tenure) {
            this.tenure = tenure;
        }

        /** Nothing is left half done: rows and progress are one transaction, and changes that were not acknowledged come again. */
        @Override
        public void recover() {}

        @Override
        public void take(List<StreamEntry> entries) {
            handle(tenure.lease(), entries);
        }

        @Override
        public Optional<Duration> step(boolean begin) {
            return Optional.empty();
        }

        @Override
        public void idle() {
            finish(tenure.lease(), List.of());
        }

        @Override
        public boolean busy() {
            return false;
        }

        @Override
        public void end(boolean lost) {}
    }

    /** The last try of a partition whose changes can't be written. */
    private record Held(String why, long triedNanos) {}
}
