package dev.millrace.persister;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.persister.store.Books;
import dev.millrace.persister.store.Database;
import dev.millrace.persister.store.Shelf;
import dev.millrace.persister.store.StoreUnavailableException;
import dev.millrace.persister.store.Written;
import dev.millrace.schema.metric.Metric;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@RealPostgres(own = true)
final class GroupCommitFaultsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String WAITING_FOR_LOCK = "select pid from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'millrace-persister'";

    private final EmbeddedPostgres server;
    private final PostgresDatabase place;
    private final Shelf shelf;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Outage outage = new Outage();
    private final GroupCommit books;
    private final World world = new World(11, 20);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    GroupCommitFaultsTest(PostgresDatabase place, EmbeddedPostgres server) {
        this.server = server;
        this.place = place;
        this.shelf = new Shelf(place);
        this.books = new GroupCommit(Shelf.IDS, shelf.books::write, 2, 1_000, outage, registry);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        books.close();
        shelf.close();
    }

    @Test
    void sixteenPartitionsAtOnceEndInTheBooksAndShareTransactions() throws Exception {
        Map<Integer, List<ChangeEntry>> work = work(16, 20, 25);
        for (Future<?> done : writeAll(work, new AtomicInteger())) {
            done.get();
        }

        assertTheBooksAreRight();
        assertThat(registry.get(Metric.PERSISTED.meter()).counter().count()).isEqualTo(16 * 20 * 25);
        assertThat(transactions()).isLessThan(16 * 20);
    }

    @Test
    void aServerThatDiesAndComesBackLosesAndDoublesNothing() throws Exception {
        Map<Integer, List<ChangeEntry>> work = work(16, 60, 25);
        AtomicInteger written = new AtomicInteger();
        List<Future<?>> writers = writeAll(work, written);
        for (int crash = 1; crash <= 3; crash++) {
            int enough = crash * 16 * 10;
            await().atMost(LONG).until(() -> written.get() >= enough);
            server.kill();
            await().atMost(LONG).until(() -> outage.reason().isPresent());
            server.restart();
        }
        for (Future<?> done : writers) {
            done.get();
        }

        assertTheBooksAreRight();
        assertThat(retries()).isPositive();
        assertThat(outage.reason()).isEmpty();
    }

    @Test
    void aDeadlockWithARivalIsTriedAgain() throws Exception {
        ChangeEntry first = world.next(0, 200);
        submitAndWait(first);
        try (Connection rival = shelf.connect(); Statement statement = rival.createStatement()) {
            rival.setAutoCommit(false);
            statement.execute("set deadlock_timeout = '1min'"); // So that Postgres always ends the other one.
            statement.execute("update leaderboard set updated_at = now() where user_id = 'p0-9'");
            Part part = books.submit(0, List.of(world.next(0, 200)), false);
            awaitWaitingForLock();
            statement.execute("update leaderboard set updated_at = now() where user_id = 'p0-0'");
            rival.commit();
            assertThat(part.await(LONG)).isTrue();
        }

        assertThat(retries()).isPositive();
        assertTheBooksAreRight();
    }

    @Test
    void aLockThatARivalKeepsForLongIsNotTakenForPoison() throws Exception {
        Part part;
        try (Connection rival = shelf.connect(); Statement statement = rival.createStatement()) {
            rival.setAutoCommit(false);
            statement.execute("lock table score_events in access exclusive mode");
            part = books.submit(0, List.of(world.next(0, 50)), false);
            await().atMost(LONG).until(() -> retries() > 0);
            assertThat(outage.reason().orElseThrow()).contains("55P03");
            rival.rollback();
        }

        assertThat(part.await(LONG)).isTrue();
        assertTheBooksAreRight();
    }

    @Test
    void aConnectionThatIsEndedInTheMiddleOfATransactionIsReplaced() throws Exception {
        Part part;
        try (Connection rival = shelf.connect(); Statement statement = rival.createStatement()) {
            rival.setAutoCommit(false);
            // The players are written by then, the history waits.
            statement.execute("lock table score_events in access exclusive mode");
            part = books.submit(0, List.of(world.next(0, 50)), false);
            String pid = awaitWaitingForLock();
            assertThat(shelf.single("select pg_terminate_backend(" + pid + ")")).isEqualTo("t");
            await().atMost(LONG).until(() -> retries() > 0);
            rival.rollback();
        }

        assertThat(part.await(LONG)).isTrue();
        assertTheBooksAreRight();
    }

    @Test
    void aServerThatOnlyReadsForAWhileIsWaitedFor() throws Exception {
        submitAndWait(world.next(0, 10));
        List<Part> parts = new ArrayList<>();
        shelf.execute("alter system set default_transaction_read_only = on");
        try {
            shelf.execute("select pg_reload_conf()");
            // A connection hears of it a moment after the answer, so that the first parts may still be written.
            await().atMost(LONG).until(() -> {
                parts.add(books.submit(0, List.of(world.next(0, 50)), false));
                return retries() > 0;
            });
            assertThat(outage.reason().orElseThrow()).contains("25006");
        } finally {
            shelf.execute("alter system reset default_transaction_read_only");
            shelf.execute("select pg_reload_conf()");
        }

        for (Part part : parts) {
            assertThat(part.await(LONG)).isTrue();
        }
        assertTheBooksAreRight();
    }

    @Test
    void aCommitWhoseAnswerIsLostIsTriedAgainAndWrittenOnce() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        try (GroupCommit deaf = new GroupCommit(Shelf.IDS, batch -> {
            Written written = shelf.books.write(batch);
            if (tries.incrementAndGet() == 1) {
                throw new StoreUnavailableException("the answer was lost");
            }
            return written;
        }, 1, 1_000, outage, new SimpleMeterRegistry())) {
            Part part = deaf.submit(0, List.of(world.next(0, 50)), false);
            assertThat(part.await(LONG)).isTrue();
        }

        assertThat(tries).hasValue(2);
        assertTheBooksAreRight();
    }

    @Test
    void aNetworkThatSwallowsAnswersIsNotWaitedForForever() throws Exception {
        try (RedisProxy proxy = RedisProxy.to(server.port());
                Database behind = Database.open(Shelf.settings(place, proxy.port(), "?socketTimeout=1"), Database.Use.BOOKS);
                GroupCommit books = new GroupCommit(Shelf.IDS, new Books(behind, Shelf.NAMESPACE)::write, 2, 1_000, outage, registry)) {
            assertThat(books.submit(0, List.of(world.next(0, 50)), false).await(LONG)).isTrue();
            proxy.holdAnswers();
            Part part = books.submit(0, List.of(world.next(0, 50)), false);
            await().atMost(LONG).until(() -> retries() > 0);
            proxy.releaseAnswers();
            assertThat(part.await(LONG)).isTrue();
        }

        assertTheBooksAreRight();
    }

    private Map<Integer, List<ChangeEntry>> work(int partitions, int changes, int events) {
        Map<Integer, List<ChangeEntry>> work = new LinkedHashMap<>();
        for (int i = 0; i < changes; i++) {
            for (int partition = 0; partition < partitions; partition++) {
                work.computeIfAbsent(partition, _ -> new ArrayList<>()).add(world.next(partition, events));
            }
        }
        return work;
    }

    /** A thread for each partition, as the engine has, that hands in one change after the other. */
    private List<Future<?>> writeAll(Map<Integer, List<ChangeEntry>> work, AtomicInteger written) {
        List<Future<?>> writers = new ArrayList<>();
        work.forEach((partition, changes) -> writers.add(threads.submit(() -> {
            for (ChangeEntry change : changes) {
                assertThat(books.submit(partition, List.of(change), false).await(LONG)).isTrue();
                written.incrementAndGet();
            }
            return null;
        })));
        return writers;
    }

    private void submitAndWait(ChangeEntry change) throws InterruptedException {
        assertThat(books.submit(change.partition(), List.of(change), false).await(LONG)).isTrue();
    }

    private String awaitWaitingForLock() {
        await().atMost(LONG).until(() -> !shelf.query(WAITING_FOR_LOCK).isEmpty());
        return shelf.single(WAITING_FOR_LOCK);
    }

    private double retries() {
        return registry.get(Metric.PERSIST_RETRIES.meter()).counter().count();
    }

    private long transactions() {
        return registry.get("millrace_persist").timer().count();
    }

    private void assertTheBooksAreRight() {
        assertThat(World.leaderboard(shelf.query(World.LEADERBOARD_SQL))).isEqualTo(world.leaderboard()).isNotEmpty();
        assertThat(shelf.single("select count(*) from score_events")).isEqualTo(Long.toString(world.scores()));
        assertThat(shelf.single("select count(*) from events")).isEqualTo(Long.toString(world.others()));
        assertThat(shelf.query("select partition, change_id from progress")).hasSameSizeAs(world.lastChanges().keySet())
                .allSatisfy(row -> assertThat(world.lastChanges().get(Integer.valueOf(row.get("partition"))))
                        .hasToString(row.get("change_id")));
    }
}
