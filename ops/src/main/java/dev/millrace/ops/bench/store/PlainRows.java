package dev.millrace.ops.bench.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** Plain rows by {@code unnest}, a thousand a statement and each statement a transaction, one after another on one connection. */
public final class PlainRows {
    private static final int ROWS = 1_000;
    private static final String UPSERT = """
            insert into plain_leaderboard (client_id, board, season, user_id, region, score, achieved_at, achieved_id, last_id, version)
            select * from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::timestamptz[], ?::bigint[], ?::text[],
                ?::bigint[])
            on conflict (client_id, board, season, user_id) do update set region = excluded.region, score = excluded.score,
                achieved_at = excluded.achieved_at, achieved_id = excluded.achieved_id, last_id = excluded.last_id,
                version = excluded.version, updated_at = now()
            where plain_leaderboard.version < excluded.version""";
    private static final String APPEND = """
            insert into plain_history (event_id, client_id, board, season, user_id, region, op, amount, score, version, accepted_at, applied_at)
            select * from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[],
                ?::bigint[], ?::timestamptz[], ?::timestamptz[])
            on conflict do nothing""";

    private final Connection connection;

    PlainRows(Connection connection) {
        this.connection = connection;
    }

    /** Writes the states of this many players of so many in turn, sorted as far as one statement goes, each newer than the one before. */
    public void upsert(int rows, int players) {
        int perStatement = Math.min(ROWS, players);
        Timestamp now = Timestamp.from(Instant.now());
        for (int from = 0; from < rows; from += perStatement) {
            int first = from;
            Columns columns = new Columns(Math.min(perStatement, rows - from));
            columns.text(_ -> "bench").text(_ -> "main").text(_ -> "all")
                    .text(row -> String.format("player-%08d", (first + row) % players)).text(_ -> "EU").number(row -> first + row)
                    .time(_ -> now).number(row -> first + row).text(row -> "1700000000000-" + (first + row))
                    .number(row -> first + row + 1L);
            execute(UPSERT, columns);
        }
    }

    /** Appends this many rows to the history. */
    public void append(int rows, int players) {
        Timestamp now = Timestamp.from(Instant.now());
        for (int from = 0; from < rows; from += ROWS) {
            int first = from;
            Columns columns = new Columns(Math.min(ROWS, rows - from));
            columns.text(row -> String.format("event-of-some-27-chars-%07d", first + row)).text(_ -> "bench").text(_ -> "main")
                    .text(_ -> "all").text(row -> "player-" + (first + row) % players).text(_ -> "EU").text(_ -> "add").number(_ -> 17)
                    .number(row -> first + row).number(row -> first + row).time(_ -> now).time(_ -> now);
            execute(APPEND, columns);
        }
    }

    private void execute(String sql, Columns columns) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            columns.bind(statement);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw PlainPostgres.failure("plain rows", e);
        }
    }

    /** An array a column. */
    private final class Columns {
        private final int rows;
        private final List<String> types = new ArrayList<>();
        private final List<Object[]> values = new ArrayList<>();

        Columns(int rows) {
            this.rows = rows;
        }

        Columns text(IntFunction<String> value) {
            return add("text", value);
        }

        Columns number(IntFunction<? extends Number> value) {
            return add("bigint", value);
        }

        Columns time(IntFunction<Timestamp> value) {
            return add("timestamptz", value);
        }

        private Columns add(String type, IntFunction<?> value) {
            Object[] column = new Object[rows];
            Arrays.setAll(column, value);
            types.add(type);
            values.add(column);
            return this;
        }

        void bind(PreparedStatement statement) throws SQLException {
            for (int i = 0; i < types.size(); i++) {
                statement.setArray(i + 1, connection.createArrayOf(types.get(i), values.get(i)));
            }
        }
    }
}
