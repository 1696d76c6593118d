package dev.millrace.schema.board;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A player on a board.
 *
 * @param name how the player is shown, where an event said so
 * @param region where the player is ranked besides the whole board; {@code GLOBAL} for nowhere else
 * @param achieved the event that reached the score, {@link dev.millrace.schema.event.StreamId#packed()}
 */
public record Line(String player, @Nullable String name, String region, long score, long achieved) {
    /** When the score was reached, by the Redis clock. */
    public Instant achievedAt() {
        return Instant.ofEpochMilli(achieved >>> 16);
    }

    /** Where it stands. */
    public Spot spot() {
        return new Spot(score, achieved, player);
    }

    /** A place in the order of a board, whether or not anyone stands there: the better score first, then the earlier event, then the name. */
    public record Spot(long score, long achieved, String player) {}
}
