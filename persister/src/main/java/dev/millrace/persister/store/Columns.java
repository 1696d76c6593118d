package dev.millrace.persister.store;

import static org.jooq.impl.DSL.val;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jooq.Field;
import org.jooq.QueryPart;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Rows as one array a column, which {@code unnest} makes a table of: the statement's text and number of parameters are the same for any
 * number of rows, so that the server prepares it once.
 */
final class Columns<R> {
    private final List<R> rows;
    private final List<Field<?>> fields = new ArrayList<>();
    private final List<QueryPart> arrays = new ArrayList<>();

    Columns(List<R> rows) {
        this.rows = rows;
    }

    <T> void add(Field<T> field, Function<? super R, ? extends @Nullable T> value) {
        @SuppressWarnings("unchecked") // made of the field's own type
        T[] values = (T[]) Array.newInstance(field.getType(), rows.size());
        for (int i = 0; i < values.length; i++) {
            values[i] = value.apply(rows.get(i));
        }
        fields.add(field);
        arrays.add(val(values, field.getDataType().array()));
    }

    /** In the order in which they were added. */
    List<Field<?>> fields() {
        return fields;
    }

    /** The rows, in their order; the columns as {@link #fields}. */
    Table<Record> table() {
        String template = IntStream.range(0, arrays.size()).mapToObj(i -> "{" + i + '}').collect(Collectors.joining(", ", "unnest(", ")"));
        return DSL.table(template, arrays.toArray(QueryPart[]::new));
    }
}
