package dev.millrace.schema.change;

import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * An event whose end the score history does not tell: a row of the event history.
 *
 * @param id its stream id; of an event that was cancelled in the schedule, its id there
 * @param outcome {@code completed}, {@code dead} or {@code cancelled}
 * @param attempts tries that were made
 * @param error why it died, where it did
 * @param origin where the event's entry came from, if not from its acceptance; of an event that was cancelled in the schedule, its place
 *     there
 */
public record EventEnded(StreamId id, Priority priority, String client, String type, String lane, Outcome outcome, int attempts,
        @Nullable String error, @Nullable Origin origin) {
    /** An event that ended where it was accepted. */
    public EventEnded(StreamId id, Priority priority, String client, String type, String lane, Outcome outcome, int attempts,
            @Nullable String error) {
        this(id, priority, client, type, lane, outcome, attempts, error, null);
    }

    /** How an event may end. */
    public enum Outcome {
        COMPLETED,
        DEAD,
        CANCELLED
    }
}
