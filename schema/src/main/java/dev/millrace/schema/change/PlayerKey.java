package dev.millrace.schema.change;

import dev.millrace.schema.event.Names;

/** Names one player's score on one board of one client. */
public record PlayerKey(String client, String board, String player) {
    public PlayerKey {
        Names.check("client", client);
        Names.check("board", board);
        Names.check("player", player);
    }
}
