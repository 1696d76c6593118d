package dev.millrace.persister;

import dev.millrace.persister.batch.ChangeEntry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What one partition hands in to be committed, and what becomes of it. */
final class Part {
    private final int partition;
    private final List<ChangeEntry> changes;
    private final boolean alone;
    private final int events;
    private final CompletableFuture<Void> committed = new CompletableFuture<>();

    /**
     * A part that is not committed yet.
     *
     * @param alone whether it must not share a transaction with other partitions, because it may well be refused
     */
    Part(int partition, List<ChangeEntry> changes, boolean alone) {
        this.partition = partition;
        this.changes = List.copyOf(changes);
        this.alone = alone;
        this.events = changes.stream().mapToInt(entry -> entry.change().events()).sum();
    }

    int partition() {
        return partition;
    }

    List<ChangeEntry> changes() {
        return changes;
    }

    boolean alone() {
        return alone;
    }

    int events() {
        return events;
    }

    void committed() {
        committed.complete(null);
    }

    void failed(RuntimeException failure) {
        committed.completeExceptionally(failure);
    }

    /** Whether nobody waits for it any more: it was committed, failed or withdrawn. */
    boolean settled() {
        return committed.isDone();
    }

    /** Says that its owner no longer wants it. A transaction that runs already goes on, which does no harm. */
    void withdraw() {
        committed.cancel(false);
    }

    /**
     * Waits for the commit.
     *
     * @return false if the time went by without one
     * @throws RuntimeException the failure, if it was refused or given up
     */
    boolean await(Duration atMost) throws InterruptedException {
        try {
            committed.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        }
    }
}
