package dev.millrace.persister.batch;

import dev.millrace.schema.change.ScoreApplied;
import java.time.Instant;

/**
 * A row of the score history.
 *
 * @param eventId as the producer knows it
 * @param appliedAt when its change was made
 */
public record ScoreRow(String eventId, ScoreApplied score, Instant appliedAt) {
    public Instant acceptedAt() {
        return score.id().time();
    }
}
