package dev.millrace.schema.change;

import java.time.Instant;
import java.util.List;

/**
 * What one batch of one partition did: the absolute states that it left, for the boards and the books, and a line for every event.
 *
 * @param epoch of the owner that applied the batch
 * @param appliedAt when
 * @param players each player once, in the state after the batch
 * @param applied score events in the order of acceptance
 * @param ended events that ended otherwise
 */
public record Change(long epoch, Instant appliedAt, List<PlayerChange> players, List<ScoreApplied> applied, List<EventEnded> ended) {
    public Change {
        players = List.copyOf(players);
        applied = List.copyOf(applied);
        ended = List.copyOf(ended);
    }

    /** How many events it tells of; what the bound on unpersisted events counts. */
    public int events() {
        return applied.size() + ended.size();
    }
}
