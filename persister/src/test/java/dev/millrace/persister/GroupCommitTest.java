package dev.millrace.persister;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.persister.batch.Batch;
import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.persister.batch.PartitionProgress;
import dev.millrace.persister.store.PoisonBatchException;
import dev.millrace.persister.store.StoreUnavailableException;
import dev.millrace.persister.store.Written;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.metric.Metric;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
    private static final int EVENTS_MAX = 10;
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Ledger ledger = new Ledger();
    private final Outage outage = new Outage();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final GroupCommit books = new GroupCommit(new EventIds(1, new byte[32]), ledger, 2, EVENTS_MAX, outage, registry);
    private int sequence;

    @AfterEach
    void close() {
        ledger.free.release(1_000);
        books.close();
    }

    @Test
    void whatComesWhileTransactionsRunSharesTheNext() throws InterruptedException {
        List<Part> first = occupyAllWriters();
        List<Part> later = IntStream.range(2, 8).mapToObj(partition -> submit(partition, 1)).toList();
        ledger.free.release(1);
        ledger.awaitStarted(3);
        ledger.free.release(10);

        for (Part part : concat(first, later)) {
            assertThat(part.await(LONG)).isTrue();
        }
        assertThat(ledger.written).hasSize(3);
        assertThat(ledger.written).anySatisfy(partitions -> assertThat(partitions).containsExactly(2, 3, 4, 5, 6, 7));
        assertThat(registry.get(Metric.PERSISTED.meter()).counter().count()).isEqualTo(8);
    }

    @Test
    void aTransactionTakesNoMoreThanItsBoundSaveForASinglePart() throws InterruptedException {
        occupyAllWriters();
        List<Part> later = List.of(submit(2, 6), submit(3, 4), submit(4, 1), submit(5, EVENTS_MAX + 5));
        ledger.free.release(10);

        for (Part part : later) {
            assertThat(part.await(LONG)).isTrue();
        }
        assertThat(ledger.written).contains(List.of(2, 3), List.of(4), List.of(5));
    }

    @Test
    void aPartitionIsNeverInTwoTransactionsAtOnce() throws InterruptedException {
        ledger.free.release(1_000);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            parts.add(submit(i % 3, 4));
        }
        for (Part part : parts) {
            assertThat(part.await(LONG)).isTrue();
        }
        assertThat(ledger.overlaps).isEmpty();
    }

    @Test
    void aCommitIsToldOnlyAfterItsTransaction() throws InterruptedException {
        Part part = submit(0, 1);
        ledger.awaitRunning();
        assertThat(part.settled()).isFalse();
        ledger.free.release();
        assertThat(part.await(LONG)).isTrue();
    }

    @Test
    void whatCanNotBeDoneNowIsTriedUntilItIsDone() throws InterruptedException {
        ledger.unavailable = 3;
        ledger.free.release(100);
        Part part = submit(0, 1);

        assertThat(part.await(LONG)).isTrue();
        assertThat(registry.get(Metric.PERSIST_RETRIES.meter()).counter().count()).isEqualTo(3);
        assertThat(outage.reason()).isEmpty();
        assertThat(outage.sinceLastSuccess()).isPresent();
    }

    @Test
    void poisonFailsItsOwnPartitionOnly() throws InterruptedException {
        occupyAllWriters();
        ledger.poisonous.add(1);
        List<Part> parts = List.of(submit(0, 1), submit(1, 1), submit(2, 1));
        ledger.free.release(100);

        assertThat(parts.get(0).await(LONG)).isTrue();
        assertThatThrownBy(() -> parts.get(1).await(LONG)).isInstanceOf(PoisonBatchException.class);
        assertThat(parts.get(2).await(LONG)).isTrue();
    }

    @Test
    void aPartThatMayBeRefusedSharesNoTransaction() throws InterruptedException {
        occupyAllWriters();
        Part suspect = books.submit(0, changes(0, 1), true);
        List<Part> others = List.of(submit(1, 1), submit(2, 1));
        ledger.free.release(100);

        assertThat(suspect.await(LONG)).isTrue();
        for (Part part : others) {
            assertThat(part.await(LONG)).isTrue();
        }
        assertThat(ledger.written).contains(List.of(0), List.of(1, 2));
    }

    @Test
    void anUnexpectedFailureIsToldAndTheWriterGoesOn() throws InterruptedException {
        ledger.free.release(100);
        ledger.broken = true;
        Part part = submit(0, 1);
        assertThatThrownBy(() -> part.await(LONG)).isInstanceOf(ArithmeticException.class);
        ledger.broken = false;
        assertThat(submit(0, 1).await(LONG)).isTrue();
    }

    @Test
    void aWithdrawnPartIsNotTriedForever() {
        ledger.unavailable = Integer.MAX_VALUE;
        ledger.free.release(Integer.MAX_VALUE / 2);
        Part part = submit(0, 1);
        await().until(() -> outage.reason().isPresent());
        part.withdraw();
        // Its partition is free again once the writer has let go of it.
        ledger.unavailable = 0;
        await().atMost(LONG).until(() -> submit(0, 1).await(LONG));
        assertThat(ledger.written).hasSize(1);
    }

    @Test
    void givingUpOnAnOutageFreesEverybodyAtOnceAndKeepsWhatWorksWorking() throws InterruptedException {
        ledger.unavailable = 1_000_000;
        ledger.free.release(Integer.MAX_VALUE / 2);
        List<Part> parts = IntStream.range(0, 8).mapToObj(partition -> submit(partition, 9)).toList();
        await().until(() -> outage.reason().isPresent());
        books.giveUpOnOutages();

        for (Part part : parts) {
            assertThatThrownBy(() -> part.await(Duration.ofSeconds(1))).isInstanceOf(StoreUnavailableException.class);
        }
        ledger.unavailable = 0;
        assertThat(submit(20, 1).await(LONG)).isTrue();
        ledger.unavailable = 1;
        Part refused = submit(21, 1);
        assertThatThrownBy(() -> refused.await(LONG)).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void closingFailsWhatIsLeft() {
        List<Part> parts = concat(occupyAllWriters(), IntStream.range(0, 5).mapToObj(partition -> submit(partition, 9)).toList());
        books.close();

        assertThat(parts).allSatisfy(part -> assertThatThrownBy(() -> part.await(LONG)).isInstanceOf(IllegalStateException.class));
        assertThatThrownBy(() -> submit(0, 1)).isInstanceOf(IllegalStateException.class);
    }

    /** Two transactions that wait for the test, one partition each. */
    private List<Part> occupyAllWriters() {
        List<Part> parts = new ArrayList<>();
        for (int partition : List.of(100, 101)) {
            parts.add(submit(partition, 1));
            ledger.awaitRunning();
        }
        return parts;
    }

    private Part submit(int partition, int events) {
        return books.submit(partition, changes(partition, events), false);
    }

    private List<ChangeEntry> changes(int partition, int events) {
        int at = ++sequence;
        List<EventEnded> ended = IntStream.range(0, events)
                .mapToObj(
                        i -> new EventEnded(new StreamId(at, i), Priority.NORMAL, "acme", "job.email", "lane", Outcome.COMPLETED, 1, null))
                .toList();
        return List.of(new ChangeEntry(partition, new StreamId(at, 0), new Change(at, Instant.EPOCH, List.of(), List.of(), ended)));
    }

    private static <T> List<T> concat(List<T> one, List<T> other) {
        List<T> all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    /** Books whose transactions end when the test says so. */
    private static final class Ledger implements GroupCommit.Writer {
        private final Semaphore free = new Semaphore(0);
        private final Semaphore running = new Semaphore(0);
        private final BlockingQueue<Integer> started = new LinkedBlockingQueue<>();
        private final List<List<Integer>> written = new CopyOnWriteArrayList<>();
        private final Set<Integer> inTransaction = ConcurrentHashMap.newKeySet();
        private final List<Integer> overlaps = new CopyOnWriteArrayList<>();
        private final Set<Integer> poisonous = ConcurrentHashMap.newKeySet();
        private volatile int unavailable;
        private volatile boolean broken;

        @Override
        public Written write(Batch batch) {
            List<Integer> partitions = batch.progress().stream().map(PartitionProgress::partition).toList();
            partitions.stream().filter(partition -> !inTransaction.add(partition)).forEach(overlaps::add);
            running.release();
            started.add(1);
            try {
                free.acquire();
                return commit(batch, partitions);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreUnavailableException("interrupted", e);
            } finally {
                partitions.forEach(inTransaction::remove);
            }
        }

        private synchronized Written commit(Batch batch, List<Integer> partitions) {
            if (unavailable > 0) {
                unavailable--;
                throw new StoreUnavailableException("Postgres is away");
            }
            if (broken) {
                throw new ArithmeticException("a defect");
            }
            if (partitions.stream().anyMatch(poisonous::contains)) {
                throw new PoisonBatchException("refused", new IllegalArgumentException());
            }
            written.add(partitions);
            return new Written(0, batch.events().size());
        }

        void awaitRunning() {
            acquire(1);
        }

        void awaitStarted(int total) {
            await().atMost(10, TimeUnit.SECONDS).until(() -> started.size() >= total);
        }

        private void acquire(int permits) {
            try {
                assertThat(running.tryAcquire(permits, 10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
