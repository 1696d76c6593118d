package dev.millrace.schema.event;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How urgent an event is; part of a lane's identity, so order holds within one priority of a lane. */
public enum Priority {
    HIGH(0),
    NORMAL(1),
    LOW(2);

    private final int code;

    private final String word = name().toLowerCase(Locale.ROOT);

    Priority(int code) {
        this.code = code;
    }

    /** Its number in event ids, which must never change. */
    int code() {
        return code;
    }

    static Optional<Priority> ofCode(int code) {
        return Arrays.stream(values()).filter(priority -> priority.code == code).findFirst();
    }

    /** The priority of that word; empty if it is none's. */
    public static Optional<Priority> ofWord(String word) {
        return Arrays.stream(values()).filter(priority -> priority.word.equals(word)).findFirst();
    }

    /** The word in JSON and in keys. */
    public String word() {
        return word;
    }
}
