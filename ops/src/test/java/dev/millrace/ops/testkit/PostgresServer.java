package dev.millrace.ops.testkit;

/** What contract tests ask of a Postgres, wherever it runs: a superuser with a password, at 127.0.0.1. */
public interface PostgresServer extends AutoCloseable {
    /** The database that every Postgres has. */
    String MAINTENANCE = "postgres";

    int port();

    String user();

    /** The user's password, of characters that need no escaping in URLs. */
    String password();

    /** Whether it takes connections; a test may have ended a server of its own. */
    boolean isRunning();

    /** {@code postgres://user:password@127.0.0.1:port/database}. */
    default String url(String database) {
        return "postgres://" + user() + ":" + password() + "@127.0.0.1:" + port() + "/" + database;
    }

    /** The same for JDBC, user and password in it. */
    default String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database + "?user=" + user() + "&password=" + password();
    }

    /** Ends it. */
    @Override
    void close();
}
