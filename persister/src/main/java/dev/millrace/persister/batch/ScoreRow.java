package dev.millrace.persister.batch;

import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Origin;
import java.time.Instant;

/**
 * A row of the score history.
 *
 * @param eventId as the producer knows it
 * @param appliedAt when its change was made
 */
public record ScoreRow(String eventId, ScoreApplied score, Instant appliedAt) {
    /** When the event was accepted, as its id says: into the schedule, or the first time, if its entry comes from there. */
    public Instant acceptedAt() {
        Origin origin = score.origin();
        return origin == null ? score.id().time() : origin.id().time();
    }
}
