package dev.millrace.persister.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.millrace.schema.settings.DatabaseSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;

/**
 * A pool of connections to Postgres. It may be made while Postgres is away; whoever asks meanwhile is told so within about a second, and it
 * mends itself once Postgres is back.
 *
 * <p>
 * Every wait has an end: for a connection, for a lock, for a statement (where the server gives up first), and for an answer that never comes
 * because the network swallows packets.
 */
public final class Database implements AutoCloseable {
    private static final Duration CONNECTION_WAIT = Duration.ofSeconds(1);

    static {
        // jOOQ greets and gives tips on standard output otherwise.
        System.setProperty("org.jooq.no-logo", "true");
        System.setProperty("org.jooq.no-tips", "true");
    }

    private final HikariDataSource pool;
    private final DSLContext sql;

    private Database(HikariDataSource pool) {
        this.pool = pool;
        this.sql = DSL.using(pool, SQLDialect.POSTGRES,
                new Settings().withExecuteLogging(false).withRenderSchema(false).withRenderCatalog(false));
    }

    /** Makes a pool; connects when first asked. */
    public static Database open(DatabaseSettings settings, Use use) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(use.application);
        config.setJdbcUrl(settings.jdbcUrl());
        if (!settings.user().isEmpty()) {
            config.setUsername(settings.user());
            config.setPassword(settings.password());
        }
        config.setMaximumPoolSize(settings.pool());
        // While there is no server, the pool tries to connect at intervals that grow to 5 s for as long as it is short of idle connections;
        // it begins anew when somebody asks.
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(CONNECTION_WAIT.toMillis());
        config.setValidationTimeout(CONNECTION_WAIT.toMillis());
        config.setConnectionInitSql("set statement_timeout = " + use.statement.toMillis() + "; set lock_timeout = " + use.lock.toMillis()
                + "; set idle_in_transaction_session_timeout = " + use.socket.toMillis());
        config.setExceptionOverride(new LeaveStandby());
        Connections.properties(use.application, use.socket).forEach(config::addDataSourceProperty);
        return new Database(new HikariDataSource(config));
    }

    /** For statements outside a transaction. */
    DSLContext sql() {
        return sql;
    }

    /**
     * Runs a transaction: all of it is committed, or none.
     *
     * @throws StoreUnavailableException if it may succeed when tried again; it may have been committed all the same if the connection broke
     *     during the commit
     * @throws PoisonBatchException if it would fail again
     */
    <T> T transaction(Function<DSLContext, T> work) {
        try {
            return sql.transactionResult(transaction -> work.apply(transaction.dsl()));
        } catch (DataAccessException e) {
            throw judged(e);
        }
    }

    /** What a failed statement means to its caller. */
    static RuntimeException judged(DataAccessException failure) {
        return switch (Verdict.of(failure)) {
            case TRY_AGAIN -> new StoreUnavailableException("Postgres can't do it now: " + Verdict.words(failure), failure);
            case REFUSED -> new PoisonBatchException("Postgres refuses: " + Verdict.words(failure), failure);
        };
    }

    /** Connections: in use, idle, and callers that wait for one. */
    public Map<String, Object> state() {
        Map<String, Object> state = new LinkedHashMap<>();
        HikariPoolMXBean now = pool.getHikariPoolMXBean();
        if (now != null) {
            state.put("connectionsActive", now.getActiveConnections());
            state.put("connectionsIdle", now.getIdleConnections());
            state.put("waitingForConnection", now.getThreadsAwaitingConnection());
        }
        return state;
    }

    @Override
    public void close() {
        pool.close();
    }

    /** What a pool is for, which decides how long its statements may take. */
    public enum Use {
        /** Writing the books: large statements, tried again when they fail. */
        BOOKS("millrace-persister", Duration.ofSeconds(8), Duration.ofSeconds(4), Duration.ofSeconds(10)),
        /** What handlers of events do: as long as a try may take. */
        EFFECTS("millrace-effects", Duration.ofSeconds(25), Duration.ofSeconds(10), Duration.ofSeconds(30)),
        /** Answering requests: someone waits. */
        HISTORY("millrace-history", Duration.ofMillis(1_500), Duration.ofSeconds(1), Duration.ofSeconds(2)),
        /** Reading boards while Redis is away: someone waits. */
        BOARDS("millrace-boards", Duration.ofMillis(1_500), Duration.ofSeconds(1), Duration.ofSeconds(4));

        private final String application;
        private final Duration statement;
        private final Duration lock;
        private final Duration socket;

        Use(String application, Duration statement, Duration lock, Duration socket) {
            this.application = application;
            this.statement = statement;
            this.lock = lock;
            this.socket = socket;
        }
    }
}
