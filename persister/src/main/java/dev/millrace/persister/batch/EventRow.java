package dev.millrace.persister.batch;

import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the event history.
 *
 * @param eventId as the producer knows it
 * @param completedAt when its change was made
 * @param epoch of the owner who made that change
 * @param change its place in the partition's stream of changes
 */
public record EventRow(String eventId, EventEnded event, Instant completedAt, long epoch, StreamId change) {
    private static final char NUL = 0;
    private static final char INSTEAD = '\uFFFD';

    /** When the event was accepted, as its id says: into the schedule, or the first time, if its entry comes from there. */
    public Instant acceptedAt() {
        Origin origin = event.origin();
        return origin == null ? event.id().time() : origin.id().time();
    }

    /** Whether this row tells of a later end of its event than the other: a dead event may be redriven, and then ends again. */
    boolean isLaterThan(EventRow other) {
        return epoch == other.epoch ? change.compareTo(other.change) > 0 : epoch > other.epoch;
    }

    /** Why the event died, as Postgres can keep it: it knows no NUL, and the words of an error may come from anywhere. */
    public @Nullable String error() {
        String error = event.error();
        return error == null ? null : error.replace(NUL, INSTEAD);
    }
}
