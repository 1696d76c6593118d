package dev.millrace.schema.event;

import java.util.Locale;
import java.util.Optional;

/** What a score event does to a player's score. */
public enum ScoreOp {
    /** Replaces the score. */
    SET,
    /** Adds to the score, which starts at 0. */
    ADD,
    /** Keeps the better of the two. */
    BEST;

    private final String word = name().toLowerCase(Locale.ROOT);
    private final String type = "score." + word;

    public String word() {
        return word;
    }

    /** The event type, such as {@code score.add}. */
    public String type() {
        return type;
    }

    public static Optional<ScoreOp> ofType(String type) {
        for (ScoreOp op : values()) {
            if (op.type.equals(type)) {
                return Optional.of(op);
            }
        }
        return Optional.empty();
    }
}
