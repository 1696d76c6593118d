package dev.millrace.schema.change;

import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * One score event that was applied: a row of the score history.
 *
 * @param id the event's stream id, in the partition's normal stream
 * @param amount what the event asked for
 * @param score what the score became
 * @param version what the player's version became
 * @param origin where the event's entry came from, if not from its acceptance
 */
public record ScoreApplied(StreamId id, PlayerKey key, String season, String region, ScoreOp op, long amount, long score, long version,
        @Nullable Origin origin) {
    /** An event that was worked where it was accepted. */
    public ScoreApplied(StreamId id, PlayerKey key, String season, String region, ScoreOp op, long amount, long score, long version) {
        this(id, key, season, region, op, amount, score, version, null);
    }
}
