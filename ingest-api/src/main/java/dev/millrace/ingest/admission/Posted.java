package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Priority;
import org.jspecify.annotations.Nullable;

/**
 * What a producer posted.
 *
 * @param due when the event is to be accepted into its lane, if not at once
 * @param standing how its client stands to others where there is not room for all
 */
public record Posted(Event event, @Nullable Due due, Priority standing) {
    /** An event of a client that comes first. */
    public Posted(Event event, @Nullable Due due) {
        this(event, due, Priority.HIGH);
    }

    /** The same for one that is to be accepted at once. */
    public Posted(Event event) {
        this(event, null);
    }
}
