package dev.millrace.ops.bench.store;

import dev.millrace.schema.settings.DatabaseSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * A schema of a run's own in the Postgres that is measured, by plain statements on one connection: what it holds, looked at from outside, and
 * how fast plain rows go in. Closing it drops the schema with all that is in it.
 */
public final class PlainPostgres implements AutoCloseable {
    private final Connection connection;
    private final String schema;

    private PlainPostgres(Connection connection, String schema) {
        this.connection = connection;
        this.schema = schema;
    }

    /**
     * Makes the schema.
     *
     * @param settings of the database, with the schema as its {@code currentSchema}
     * @param schema of lower-case letters, digits and underscores; nothing else may use it
     */
    public static PlainPostgres create(DatabaseSettings settings, String schema) {
        PlainPostgres postgres = new PlainPostgres(connect(settings), schema);
        boolean created = false;
        try {
            postgres.execute("create schema " + schema);
            created = true;
            return postgres;
        } finally {
            if (!created) {
                postgres.disconnect();
            }
        }
    }

    private static Connection connect(DatabaseSettings settings) {
        Properties properties = new Properties();
        if (!settings.user().isEmpty()) {
            properties.setProperty("user", settings.user());
            properties.setProperty("password", settings.password());
        }
        try {
            return DriverManager.getConnection(settings.jdbcUrl(), properties);
        } catch (SQLException e) {
            throw failure("no Postgres answers at " + settings.display(), e);
        }
    }

    /** How a Postgres is set up, as far as its speed depends on it, in a few words. */
    public static String words(DatabaseSettings settings) {
        try (Connection connection = connect(settings);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')")) {
            row.next();
            return row.getString(1) + ", fsync " + row.getString(2) + ", synchronous_commit " + row.getString(3);
        } catch (SQLException e) {
            throw failure("Postgres does not say how it is set up", e);
        }
    }

    /** How many rows the history of scores has. */
    public long historyRows() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from score_events")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw failure("the history can't be counted", e);
        }
    }

    /** Player to score, over all boards. */
    public Map<String, Long> scores() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select user_id, score from leaderboard")) {
            Map<String, Long> scores = new HashMap<>();
            while (row.next()) {
                scores.put(row.getString(1), row.getLong(2));
            }
            return scores;
        } catch (SQLException e) {
            throw failure("the leaderboard can't be read", e);
        }
    }

    /**
     * Which of these events are in the history of scores.
     *
     * @param since none of them was accepted before
     */
    public Set<String> present(Collection<String> eventIds, Instant since) {
        try (PreparedStatement query = connection
                .prepareStatement("select event_id from score_events where event_id = any(?) and accepted_at >= ?")) {
            query.setArray(1, connection.createArrayOf("text", eventIds.toArray()));
            query.setTimestamp(2, Timestamp.from(since));
            Set<String> present = new HashSet<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    present.add(row.getString(1));
                }
            }
            return present;
        } catch (SQLException e) {
            throw failure("the history can't be read", e);
        }
    }

    /** Empty tables like those of the boards and of the history, for plain rows. The tables themselves must be there. */
    public PlainRows plainRows() {
        execute("drop table if exists plain_leaderboard, plain_history");
        execute("create table plain_leaderboard (like leaderboard including all)");
        execute("create table plain_history (like score_events including all)");
        return new PlainRows(connection);
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failure(sql, e);
        }
    }

    @Override
    public void close() {
        try {
            execute("drop schema if exists " + schema + " cascade");
        } finally {
            disconnect();
        }
    }

    private void disconnect() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure("the connection to Postgres can't be closed", e);
        }
    }

    static IllegalStateException failure(String what, SQLException cause) {
        return new IllegalStateException(what + ": " + cause.getMessage(), cause);
    }

}
