package dev.millrace.persister.store;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.settings.DatabaseSettings;
import dev.millrace.schema.settings.Settings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A migrated database, books in it, and a look at its tables that does not go through the code under test. */
public final class Shelf implements AutoCloseable {
    public static final EventIds IDS = new EventIds(7, new byte[32]);
    public static final Namespace NAMESPACE = new Namespace(new Keyspace("mr"), new Partitions(64), 7, IDS);

    private final PostgresDatabase place;
    public final Database database;
    public final Books books;

    /** Migrates and empties the tables. */
    public Shelf(PostgresDatabase place) {
        this.place = place;
        new Migrations(settings(place)).run();
        this.database = Database.open(settings(place), Database.Use.BOOKS);
        this.books = new Books(database, NAMESPACE);
        execute("truncate leaderboard, score_events, events, progress");
    }

    public static DatabaseSettings settings(PostgresDatabase place) {
        return Settings.read(Map.of("DATABASE_URL", place.url())).database();
    }

    /** The same by way of another port, with options of the driver. */
    public static DatabaseSettings settings(PostgresDatabase place, int port, String options) {
        String url = place.url().replace(":" + place.server().port() + "/", ":" + port + "/") + options;
        return Settings.read(Map.of("DATABASE_URL", url)).database();
    }

    /** Rows of a table, each by column, all columns, sorted. */
    public List<Map<String, String>> rows(String table) {
        return query("select * from " + table + " as t order by t");
    }

    /** Everything that a replay must leave as it is. */
    public List<List<Map<String, String>>> everything() {
        return List.of(rows("leaderboard"), rows("score_events"), rows("events"), rows("progress"));
    }

    public List<Map<String, String>> query(String sql) {
        try (Connection connection = place.connect();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            List<Map<String, String>> rows = new ArrayList<>();
            ResultSetMetaData columns = found.getMetaData();
            while (found.next()) {
                Map<String, String> row = new TreeMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    row.put(columns.getColumnName(i), found.getString(i));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    public String single(String sql) {
        return query(sql).getFirst().values().iterator().next();
    }

    public void execute(String sql) {
        try (Connection connection = place.connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    public Connection connect() throws SQLException {
        return place.connect();
    }

    @Override
    public void close() {
        database.close();
    }
}
