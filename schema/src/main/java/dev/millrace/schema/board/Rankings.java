package dev.millrace.schema.board;

import dev.millrace.schema.board.Line.Spot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where players stand on boards. Regions are boards within the board; {@link dev.millrace.schema.event.ScoreData#GLOBAL} is the whole of it.
 * Each answer is one moment of the board. A board that nobody is on has no lines.
 *
 * <p>
 * Every method throws a {@link RuntimeException} if those can't be asked who know, and answers or fails within a second or two.
 */
public interface Rankings {
    /**
     * A stretch of lines that follow each other, best first.
     *
     * @param first how many stand before them
     * @param better how many of those have a better score than the first line
     * @param total how many are ranked in all
     * @param at when this was, by the clock of whoever was asked
     */
    record Stretch(List<Line> lines, long first, long better, long total, Instant at) {
        public Stretch {
            lines = List.copyOf(lines);
        }

        /** Whether others stand behind. */
        public boolean more() {
            return first + lines.size() < total;
        }
    }

    /**
     * Where one of several players stands.
     *
     * @param before how many stand before it on the whole board
     * @param regional null where regions were not asked for, or the player is in none
     */
    record Found(Line line, long before, @Nullable Regional regional) {}

    /**
     * Where a player stands in its region.
     *
     * @param before how many stand before it there
     * @param total how many are ranked there
     */
    record Regional(long before, long total) {}

    /**
     * Those of several players who are on the board, in no order.
     *
     * @param total how many are ranked on the whole board
     */
    record Those(List<Found> found, long total) {
        public Those {
            found = List.copyOf(found);
        }
    }

    /** The lines that so many others stand before. */
    Stretch from(Board board, String region, long first, int count);

    /** The lines behind a place. */
    Stretch behind(Board board, String region, Spot spot, int count);

    /**
     * A player with so many on each side.
     *
     * @return empty if the player is not ranked there
     */
    Optional<Stretch> around(Board board, String region, String player, int range);

    /**
     * Several players at once.
     *
     * @param inRegions whether to say where they stand in their regions, too
     */
    Those players(Board board, List<String> players, boolean inRegions);
}
