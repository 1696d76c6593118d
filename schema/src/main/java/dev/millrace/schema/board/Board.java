package dev.millrace.schema.board;

import dev.millrace.schema.change.PlayerState;

/**
 * A leaderboard in one of its seasons. Two clients never share one, though its name may be the same.
 *
 * @param client whose it is
 */
public record Board(String client, String name, String season) {
    /** A board that has no seasons. */
    public static Board allTime(String client, String name) {
        return new Board(client, name, PlayerState.ALL_TIME);
    }
}
