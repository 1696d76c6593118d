package dev.millrace.ingest.read;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of a board.
 *
 * @param rank from 1; no two share one, because equal scores are ranked by who was first
 * @param name how the player is shown, where an event said so
 * @param region where the player is ranked besides the whole board; {@code GLOBAL} for nowhere else
 * @param achievedAt when the score was reached, by the Redis clock
 */
public record Standing(long rank, String player, @Nullable String name, String region, long score, Instant achievedAt) {}
