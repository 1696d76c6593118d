package dev.millrace.processor.effect;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plain SQL in the transaction of a try. Parameters stand as {@code ?}. */
public interface Sql {
    /**
     * Changes rows.
     *
     * @return how many
     */
    int update(String statement, @Nullable Object... parameters);

    /** Reads rows, each as column to value. */
    List<Map<String, @Nullable Object>> query(String statement, @Nullable Object... parameters);
}
