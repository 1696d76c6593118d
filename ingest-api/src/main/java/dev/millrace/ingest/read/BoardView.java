package dev.millrace.ingest.read;

import dev.millrace.schema.board.Board;

/** What can be watched of a board. */
public sealed interface BoardView {
    Board board();

    /** What it shows now. */
    Sight look(Boards boards);

    /** The best of a board or of a region. */
    record Best(Board board, String region, int limit) implements BoardView {
        @Override
        public Sight look(Boards boards) {
            Boards.Top top = boards.page(board, region, limit, 1, Ranking.ORDINAL);
            return new Sight("top", top, top.shows());
        }
    }

    /** One player's rank on the whole board or in a region. */
    record One(Board board, String region, String player) implements BoardView {
        @Override
        public Sight look(Boards boards) {
            return boards.rank(board, region, player, Ranking.ORDINAL).map(rank -> new Sight("rank", rank, rank))
                    .orElseGet(() -> new Sight("unranked", new Unranked(player), new Unranked(player)));
        }
    }

    /** A player who is not ranked. */
    record Unranked(String player) {}

    /**
     * What a view showed.
     *
     * @param kind {@code top}, {@code rank} or {@code unranked}
     * @param answer for readers
     * @param shows equal to that of another sight if nothing has changed
     */
    record Sight(String kind, Object answer, Object shows) {}
}
