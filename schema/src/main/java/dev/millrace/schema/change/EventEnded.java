package dev.millrace.schema.change;

import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * An event whose end the score history does not tell: a row of the event history.
 *
 * @param outcome {@code completed}, {@code dead} or {@code cancelled}
 * @param attempts tries that were made
 * @param error why it died, where it did
 */
public record EventEnded(StreamId id, Priority priority, String client, String type, String lane, Outcome outcome, int attempts,
        @Nullable String error) {
    /** How an event may end. */
    public enum Outcome {
        COMPLETED,
        DEAD,
        CANCELLED
    }
}
