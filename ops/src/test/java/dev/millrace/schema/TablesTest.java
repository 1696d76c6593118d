package dev.millrace.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tables as the migrations make them. */
@RealPostgres
final class TablesTest {

    private static final String SCORE_IN_HOURS = """
            insert into score_events
            select 'e' || hour, 'acme', 'main', 's1', 'ann', 'GLOBAL', 'add', 5, 5, 1, now() + hour * interval '1 hour', now()
            from generate_series(0, %d) as hour""";

    private final PostgresDatabase database;

    TablesTest(PostgresDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void migrate() {
        Flyway flyway = Flyway.configure().dataSource(database.jdbcUrl(), null, null).cleanDisabled(false).load();
        flyway.clean();
        flyway.migrate();
    }

    @Test
    void everyTableAndColumnIsDescribed() throws SQLException {
        assertThat(column("""
                select c.relname || coalesce('.' || a.attname, '')
                from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
                    and not c.relispartition and c.relname not like 'flyway%'
                    and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)""")).isEmpty();
    }

    @Test
    void aDayGetsItsPartitionsOnceHoweverManyAskAtOnce() throws Exception {
        List<Callable<Integer>> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            callers.add(() -> Integer.parseInt(column("select ensure_history_partitions(3)").getFirst()));
        }
        int created = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> caller : threads.invokeAll(callers)) {
                created += caller.get();
            }
        }

        assertThat(created).isEqualTo(2 * 4);
        assertThat(partitions("score_events")).isEqualTo(days("score_events", 3));
        assertThat(partitions("events")).isEqualTo(days("events", 3));
    }

    @Test
    void rowsThatCameBeforeTheirPartitionMoveIntoIt() throws SQLException {
        run(SCORE_IN_HOURS.formatted(72));

        run("select ensure_history_partitions(4)");

        assertThat(column("select count(*) from score_events")).containsExactly("73");
        assertThat(column("select count(*) from score_events_default")).containsExactly("0");
        assertThat(column("""
                select event_id from score_events
                where tableoid::regclass::text <> 'score_events' || to_char(accepted_at at time zone 'UTC', '"_p"YYYYMMDD')"""))
                .isEmpty();
    }

    @Test
    void partitionsAreMadeWhileOthersWrite() throws SQLException {
        run("select ensure_history_partitions(1)");
        try (Connection writer = database.connect(); Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute(SCORE_IN_HOURS.formatted(0));

            run("set lock_timeout = '5s'; select ensure_history_partitions(2)");

            writer.commit();
        }
        assertThat(partitions("score_events")).hasSize(3);
        assertThat(column("select count(*) from score_events")).containsExactly("1");
    }

    @Test
    void partitionsFarAheadOrBehindAreRefused() {
        assertThatThrownBy(() -> run("select ensure_history_partitions(-1)")).hasMessageContaining("days_ahead");
        assertThatThrownBy(() -> run("select ensure_history_partitions(367)")).hasMessageContaining("days_ahead");
    }

    @Test
    void anEventHasOneOutcomeWhicheverTableTellsIt() throws SQLException {
        run(SCORE_IN_HOURS.formatted(0));
        run("insert into events values ('j1', 'acme', 'job.email', 'acme', 'dead', 5, 'no such mailbox', now(), now())");

        assertThat(column("select concat_ws(' ', event_id, type, lane, outcome, attempts, error) from event_outcomes order by 1"))
                .containsExactly("e0 score.add ann completed 1", "j1 job.email acme dead 5 no such mailbox");
    }

    @Test
    void ranksAreReadInTheOrderOfAnIndex() throws SQLException {
        run("""
                insert into leaderboard
                select 'acme', 'main', 's1', 'p' || i, null, 'GLOBAL', i % 100, now(), i, '1-0', 1, now() from generate_series(1, 5000) i;
                analyze leaderboard""");

        assertThat(column("""
                explain select user_id from leaderboard
                where client_id = 'acme' and board = 'main' and season = 's1' and region = 'GLOBAL'
                order by score desc, achieved_id, user_id limit 10"""))
                .anyMatch(line -> line.contains("leaderboard_rank"))
                .noneMatch(line -> line.contains("Sort"));
    }

    private List<String> partitions(String table) throws SQLException {
        return column("""
                select inhrelid::regclass::text from pg_inherits
                where inhparent = '%1$s'::regclass and inhrelid <> '%1$s_default'::regclass order by 1"""
                .formatted(table));
    }

    private List<String> days(String table, int ahead) throws SQLException {
        return column("select '%s' || to_char((now() at time zone 'UTC')::date + day, '\"_p\"YYYYMMDD') from generate_series(0, %d) as day"
                .formatted(table, ahead));
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> column(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (result.next()) {
                values.add(result.getString(1));
            }
            return values;
        }
    }
}
