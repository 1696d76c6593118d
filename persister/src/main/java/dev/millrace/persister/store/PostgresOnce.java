package dev.millrace.persister.store;

import static dev.millrace.schema.jooq.Tables.ONCE_EFFECTS;

import dev.millrace.schema.settings.DatabaseSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** Does SQL for an event once: the statements and a note of the event are one transaction. */
public final class PostgresOnce implements AutoCloseable {
    private static final Duration KEPT = Duration.ofDays(30);
    /** One run in so many also deletes notes that nobody can need any more. */
    private static final int TIDY_EVERY = 1_000;

    private final Database database;

    /** Makes connections of its own; it connects when first asked. */
    public PostgresOnce(DatabaseSettings settings) {
        this.database = Database.open(settings, Database.Use.EFFECTS);
    }

    /** What is done in the transaction. */
    @FunctionalInterface
    public interface Work {
        void run(Transaction transaction) throws Exception;
    }

    /**
     * Runs the work, unless the event is noted already. Of two that run at once for the same event, one waits for the other's end.
     *
     * @return whether it ran
     * @throws Exception what the work throws; nothing is done then
     * @throws StoreUnavailableException if Postgres can't do it now; if the connection broke during the commit, it may be done, and noted
     * @throws PoisonBatchException if Postgres refuses a statement
     */
    public boolean run(String eventId, Work work) throws Exception {
        boolean ran;
        try {
            ran = database.sql().transactionResult(inside -> {
                DSLContext sql = inside.dsl();
                if (sql.insertInto(ONCE_EFFECTS, ONCE_EFFECTS.EVENT_ID).values(eventId).onConflictDoNothing().execute() == 0) {
                    return false;
                }
                work.run(new Transaction(sql));
                return true;
            });
        } catch (DataAccessException e) {
            throw e.getCause() == null || e.getCause() instanceof SQLException ? Database.judged(e) : asException(e.getCause());
        }
        if (ThreadLocalRandom.current().nextInt(TIDY_EVERY) == 0) {
            tidy();
        }
        return ran;
    }

    /** Deletes notes that nobody can need any more, and returns how many. */
    int tidy() {
        try {
            return database.sql().deleteFrom(ONCE_EFFECTS).where(ONCE_EFFECTS.DONE_AT.lt(Instant.now().minus(KEPT)))
                    .execute();
        } catch (DataAccessException e) {
            throw Database.judged(e);
        }
    }

    private static Exception asException(Throwable cause) {
        return cause instanceof Exception e ? e : new IllegalStateException(cause);
    }

    @Override
    public void close() {
        database.close();
    }

    /** The statements of one event. */
    public static final class Transaction {
        private final DSLContext sql;

        Transaction(DSLContext sql) {
            this.sql = sql;
        }

        /** Changes rows, and returns how many. */
        public int update(String statement, @Nullable Object... parameters) {
            return sql.execute(statement, parameters);
        }

        /** Reads rows, each as column to value. */
        public List<Map<String, @Nullable Object>> query(String statement, @Nullable Object... parameters) {
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            for (Record row : sql.fetch(statement, parameters)) {
                Map<String, @Nullable Object> columns = new LinkedHashMap<>();
                for (Field<?> column : row.fields()) {
                    columns.put(column.getName(), row.get(column));
                }
                rows.add(columns);
            }
            return rows;
        }
    }
}
