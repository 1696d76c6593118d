package dev.millrace.schema.redis;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The array that a script answered, to be mapped to a type at once by whoever called it. */
public final class Reply {
    private final List<?> items;

    public Reply(List<?> items) {
        this.items = items;
    }

    public int size() {
        return items.size();
    }

    /** The first item, which every script makes a word. */
    public String word() {
        return text(0);
    }

    /** Whether its first item is that word. */
    public boolean says(String word) {
        return word().equals(word);
    }

    public boolean isNull(int index) {
        return items.get(index) == null;
    }

    /** Text of a bulk or simple string, or the digits of a number. */
    public String text(int index) {
        Object item = item(index);
        return item instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : item.toString();
    }

    public byte[] bytes(int index) {
        Object item = item(index);
        return item instanceof byte[] bytes ? bytes : item.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** An integer reply, or one written as text because Lua's numbers lose digits past 2^53. */
    public long number(int index) {
        return item(index) instanceof Long number ? number : Long.parseLong(text(index));
    }

    public Reply list(int index) {
        if (item(index) instanceof List<?> list) {
            return new Reply(list);
        }
        throw unexpected(index);
    }

    /** A list of names and values in turn, as entries of streams have it. */
    public Map<String, byte[]> fields(int index) {
        Reply values = list(index);
        Map<String, byte[]> fields = HashMap.newHashMap(values.size() / 2);
        for (int i = 0; i + 1 < values.size(); i += 2) {
            fields.put(values.text(i), values.bytes(i + 1));
        }
        return fields;
    }

    private Object item(int index) {
        Object item = items.get(index);
        if (item == null) {
            throw unexpected(index);
        }
        return item;
    }

    private IllegalStateException unexpected(int index) {
        @Nullable Object item = items.get(index);
        return new IllegalStateException(
                "script answered " + (item == null ? "nothing" : item.getClass().getSimpleName()) + " at " + index);
    }
}
