package dev.millrace.ops.soak;

import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A Redis and a Postgres that the runs may kill, fill and lock; as durable as in production. */
record Servers(EmbeddedRedis redis, EmbeddedPostgres postgres) implements AutoCloseable {

    static Servers start() {
        EmbeddedRedis redis = EmbeddedRedis.start(TestServers.redisOptions());
        try {
            return new Servers(redis, EmbeddedPostgres.start(TestServers.postgresOptions()));
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    /** Brings both to the state in which a run begins, whatever the one before has left. */
    void refresh() throws SQLException {
        if (!redis.isRunning()) {
            redis.restart();
        }
        redis.command("CONFIG", "SET", "maxmemory", "0");
        redis.command("FLUSHALL");
        // Or every restart would read back what all runs before this one have written.
        redis.command("BGREWRITEAOF");
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> String.valueOf(redis.command("INFO", "persistence"))
                .contains("aof_rewrite_in_progress:0"));
        if (!postgres.isRunning()) {
            postgres.restart();
        }
        sql("alter system reset all", "select pg_reload_conf()");
    }

    /** Runs statements, each for itself. */
    void sql(String... statements) throws SQLException {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    /** The one value that a query answers with. */
    String single(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl());
    }

    @Override
    public void close() {
        postgres.close();
        redis.close();
    }
}
