package dev.millrace.persister.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealPostgres
final class PostgresOnceTest {
    private final PostgresDatabase place;
    private final Shelf shelf;
    private final PostgresOnce once;

    PostgresOnceTest(PostgresDatabase place) throws SQLException {
        this.place = place;
        this.shelf = new Shelf(place);
        this.once = new PostgresOnce(Shelf.settings(place));
    }

    @BeforeEach
    void makeTable() throws SQLException {
        sql("drop table if exists sums; create table sums (who text, amount int); delete from once_effects");
    }

    @AfterEach
    void close() {
        once.close();
        shelf.close();
    }

    @Test
    void anEffectIsDoneOncePerEvent() throws Exception {
        assertThat(add("e1", 5)).isTrue();
        assertThat(add("e1", 5)).isFalse();
        assertThat(add("e2", 2)).isTrue();

        assertThat(sum()).isEqualTo(7);
    }

    @Test
    void whatFailsIsNotNotedAndLeavesNothing() throws Exception {
        assertThatThrownBy(() -> once.run("e1", transaction -> {
            transaction.update("insert into sums values (?, ?)", "ann", 5);
            throw new IOException("the work's own");
        })).isInstanceOf(IOException.class).hasMessage("the work's own");
        assertThatThrownBy(() -> once.run("e1", transaction -> transaction.update("insert into nowhere values (1)")))
                .isInstanceOf(PoisonBatchException.class).hasMessageContaining("nowhere");
        assertThat(sum()).isZero();

        assertThat(add("e1", 3)).isTrue();
        assertThat(sum()).isEqualTo(3);
    }

    @Test
    void ofManyAtOnceOneDoesIt() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> answers = IntStream.range(0, 4).mapToObj(i -> callers.submit(() -> {
                go.await();
                boolean mine = add("e1", 1);
                ran.addAndGet(mine ? 1 : 0);
                return mine;
            })).toList();
            go.countDown();
            for (Future<Boolean> answer : answers) {
                answer.get();
            }
        }
        assertThat(ran).hasValue(1);
        assertThat(sum()).isEqualTo(1);
    }

    @Test
    void rowsAreReadAsMaps() throws Exception {
        add("e1", 5);
        once.run("e2", transaction -> assertThat(transaction.query("select who, amount from sums where amount > ?", 1))
                .isEqualTo(List.of(Map.of("who", "ann", "amount", 5))));
    }

    @Test
    void oldNotesAreDeletedAndYoungOnesKept() throws Exception {
        add("old", 1);
        add("young", 1);
        sql("update once_effects set done_at = now() - interval '31 days' where event_id = 'old'");

        assertThat(once.tidy()).isEqualTo(1);
        assertThat(add("young", 1)).isFalse();
    }

    private boolean add(String event, int amount) throws Exception {
        return once.run(event, transaction -> assertThat(transaction.update("insert into sums values (?, ?)", "ann", amount)).isEqualTo(1));
    }

    private int sum() throws SQLException {
        try (Connection connection = place.connect();
                var found = connection.createStatement().executeQuery("select coalesce(sum(amount), 0) from sums")) {
            found.next();
            return found.getInt(1);
        }
    }

    private void sql(String statements) throws SQLException {
        try (Connection connection = place.connect()) {
            connection.createStatement().execute(statements);
        }
    }
}
