package dev.millrace.ops.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A part of the pipeline that is measured by itself. */
public enum Scenario {
    /** One event a call. */
    APPEND_SINGLE,
    /** Hundreds of events a call. */
    APPEND_BULK,
    /** Full streams onto the boards. */
    DRAIN,
    /** Handlers that wait, in many lanes. */
    LANES,
    /** From the door to Postgres, everything at once; and how long one event takes when it is not busy. */
    END_TO_END;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** As on the command line. */
    public String word() {
        return word;
    }

    /** The scenario of that word. */
    public static Optional<Scenario> of(String word) {
        return Arrays.stream(values()).filter(scenario -> scenario.word.equals(word)).findFirst();
    }
}
