package dev.millrace.ops.testkit.workload;

import dev.millrace.ops.testkit.workload.History.Accepted;
import dev.millrace.ops.testkit.workload.History.BoardName;
import dev.millrace.ops.testkit.workload.History.BookRow;
import dev.millrace.ops.testkit.workload.History.Completed;
import dev.millrace.ops.testkit.workload.History.Dead;
import dev.millrace.ops.testkit.workload.History.Lag;
import dev.millrace.ops.testkit.workload.History.Ranked;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.BoardMember;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.StreamMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what boards and books hold of one client, straight from Redis and Postgres and not by the code that wrote it. */
public final class Oracle {
    private final Redis redis;
    private final Namespace namespace;
    private final String jdbcUrl;
    private final String client;

    public Oracle(Redis redis, Namespace namespace, String jdbcUrl, String client) {
        this.redis = redis;
        this.namespace = namespace;
        this.jdbcUrl = jdbcUrl;
        this.client = client;
    }

    /** Waits until nothing is left to do, reads what came of it, and checks that against the journal. */
    public Verdict check(Journal journal, Duration drainedWithin) throws SQLException {
        Lag lag = new Backlog(redis, namespace).awaitEmpty(drainedWithin);
        return new Verdict(Checker.check(history(journal, lag)), lag.took());
    }

    /**
     * What was found.
     *
     * @param violations empty if every promise was kept
     * @param drainedIn how long it took until nothing was left, if that was in time
     */
    public record Verdict(List<Violation> violations, Optional<Duration> drainedIn) {}

    private History history(Journal journal, Lag lag) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
            List<BookRow> books = books(connection);
            return new History(accepted(journal), journal.open(), completed(connection), dead(connection), deadLetters(), books,
                    boards(books), lag);
        }
    }

    private List<Accepted> accepted(Journal journal) {
        List<Accepted> accepted = new ArrayList<>();
        journal.accepted().forEach((event, ids) -> ids.forEach(id -> accepted.add(new Accepted(event, id, place(id).orElseThrow(
                () -> new IllegalStateException("the door gave " + event + " the id " + id + ", which names nothing"))))));
        return accepted;
    }

    private List<Completed> completed(Connection connection) throws SQLException {
        return rows(connection, "select event_id, board, user_id, op, amount, score, version from score_events where client_id = ?",
                row -> new Completed(row.getString(1), place(row.getString(1)).orElse(null),
                        new PlayerKey(client, row.getString(2), row.getString(3)),
                        ScoreOp.valueOf(row.getString(4).toUpperCase(Locale.ROOT)),
                        row.getLong(5), row.getLong(6), row.getLong(7)));
    }

    private List<Dead> dead(Connection connection) throws SQLException {
        return rows(connection, "select event_id, type, lane from events where client_id = ? and outcome = 'dead'",
                row -> new Dead(row.getString(1), place(row.getString(1)).orElse(null), row.getString(2), row.getString(3)));
    }

    private List<BookRow> books(Connection connection) throws SQLException {
        return rows(connection,
                "select board, user_id, region, name, score, achieved_id, last_id from leaderboard where client_id = ? and season = '"
                        + PlayerState.ALL_TIME + "' order by board, score desc, achieved_id, user_id",
                row -> new BookRow(new PlayerKey(client, row.getString(1), row.getString(2)), row.getString(3), row.getString(4),
                        row.getLong(5), row.getLong(6), row.getString(7)));
    }

    private List<EventRef> deadLetters() {
        List<EventRef> places = new ArrayList<>();
        for (int partition = 0; partition < namespace.partitions().count(); partition++) {
            String stream = namespace.keys().dead(partition);
            for (StreamMessage<String, byte[]> letter : redis
                    .await(redis.command(stream, (commands, at) -> commands.xrange(at, Range.unbounded())))) {
                if (client.equals(text(letter.getBody().get("c")))) {
                    places.add(EventRef.of(partition, Priority.valueOf(text(letter.getBody().get("p")).toUpperCase(Locale.ROOT)),
                            StreamId.parse(text(letter.getBody().get("e"))), EventCodec.origin(letter.getBody()).orElse(null)));
                }
            }
        }
        return places;
    }

    /** Every board that the books name, whole and of every region that anyone on it has been shown in. */
    private Map<BoardName, List<Ranked>> boards(List<BookRow> books) {
        Set<String> names = new LinkedHashSet<>(List.of(ScoreData.MAIN_BOARD));
        books.forEach(row -> names.add(row.player().board()));
        Map<BoardName, List<Ranked>> boards = new HashMap<>();
        for (String board : names) {
            Map<String, byte[]> players = redis.hgetall(namespace.keys().boardPlayers(client, board, PlayerState.ALL_TIME));
            Set<String> regions = new LinkedHashSet<>(List.of(ScoreData.GLOBAL));
            players.values().forEach(shown -> regions.add(shown(shown)[0]));
            for (String region : regions) {
                boards.put(new BoardName(board, region), ranked(board, region, players));
            }
        }
        return boards;
    }

    private List<Ranked> ranked(String board, String region, Map<String, byte[]> players) {
        String key = namespace.keys().boardRanks(client, board, PlayerState.ALL_TIME, region);
        List<ScoredValue<byte[]>> members = redis.await(redis.command(key, (commands, at) -> commands.zrangeWithScores(at, 0, -1)));
        return members.stream().map(member -> {
            BoardMember shown = BoardMember.of(member.getValue());
            byte @Nullable [] about = players.get(shown.player());
            return new Ranked(shown.player(), -(long) member.getScore(), shown.achieved(),
                    about == null ? null : nullIfEmpty(shown(about)[1]));
        }).toList();
    }

    /** Region and name, which stand after the eight bytes of the board's member. */
    private static String[] shown(byte[] value) {
        return text(Arrays.copyOfRange(value, Long.BYTES, value.length)).split("\\|", 2);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    private Optional<EventRef> place(String eventId) {
        return namespace.eventIds().decode(client, eventId);
    }

    private <T> List<T> rows(Connection connection, String sql, RowReader<T> reader) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, client);
            List<T> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(reader.read(result));
                }
            }
            return rows;
        }
    }

    /** Reads one row. */
    @FunctionalInterface
    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }
}
