package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Event;
import org.jspecify.annotations.Nullable;

/**
 * What a producer posted.
 *
 * @param due when the event is to be accepted into its lane, if not at once
 */
public record Posted(Event event, @Nullable Due due) {
    /** An event that is to be accepted at once. */
    public Posted(Event event) {
        this(event, null);
    }
}
