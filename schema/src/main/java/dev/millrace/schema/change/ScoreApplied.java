package dev.millrace.schema.change;

import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;

/**
 * One score event that was applied: a row of the score history.
 *
 * @param id the event's stream id, in the partition's normal stream
 * @param amount what the event asked for
 * @param score what the score became
 * @param version what the player's version became
 */
public record ScoreApplied(StreamId id, PlayerKey key, String season, String region, ScoreOp op, long amount, long score, long version) {}
