package dev.millrace.ops.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A test class's database.
 *
 * @param server the server; shared with other classes unless it was asked for as the class's own
 * @param name the database's name, which no other test class has
 */
public record PostgresDatabase(PostgresServer server, String name) implements AutoCloseable {

    static PostgresDatabase create(PostgresServer server, String name) {
        execute(server, "create database " + name);
        return new PostgresDatabase(server, name);
    }

    /** {@code postgres://user:password@127.0.0.1:port/name}. */
    public String url() {
        return server.url(name);
    }

    public String jdbcUrl() {
        return server.jdbcUrl(name);
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl());
    }

    /** Drops it, whoever is still connected. */
    @Override
    public void close() {
        if (server.isRunning()) {
            execute(server, "drop database if exists " + name + " with (force)");
        }
    }

    private static void execute(PostgresServer server, String sql) {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl(PostgresServer.MAINTENANCE));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
