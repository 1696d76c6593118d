package dev.millrace.ops.launcher;

import dev.millrace.persister.store.PostgresOnce.Transaction;
import dev.millrace.processor.effect.Sql;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A transaction of the books' store as handlers of events see it. */
record HandlerSql(Transaction transaction) implements Sql {
    @Override
    public int update(String statement, @Nullable Object... parameters) {
        return transaction.update(statement, parameters);
    }

    @Override
    public List<Map<String, @Nullable Object>> query(String statement, @Nullable Object... parameters) {
        return transaction.query(statement, parameters);
    }
}
