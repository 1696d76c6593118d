package dev.millrace.ingest.read;

import dev.millrace.schema.board.Line;
import dev.millrace.schema.board.Rankings.Stretch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a board.
 *
 * @param rank from 1, as the {@link Ranking} has it
 * @param name how the player is shown, where an event said so
 * @param region where the player is ranked besides the whole board; {@code GLOBAL} for nowhere else
 * @param achievedAt when the score was reached, by the Redis clock
 */
public record Standing(long rank, String player, @Nullable String name, String region, long score, Instant achievedAt) {
    /** Lines with their ranks. */
    static List<Standing> of(Stretch stretch, Ranking ranking) {
        List<Standing> standings = new ArrayList<>(stretch.lines().size());
        long shared = stretch.better() + 1;
        long before = stretch.first();
        for (Line line : stretch.lines()) {
            long ordinal = before + standings.size() + 1;
            if (!standings.isEmpty() && standings.getLast().score() != line.score()) {
                shared = ordinal;
            }
            standings.add(new Standing(ranking == Ranking.COMPETITION ? shared : ordinal, line.player(), line.name(), line.region(),
                    line.score(), line.achievedAt()));
        }
        return standings;
    }
}
