package dev.millrace.ops.bench;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Score events to send, the same in every run, and what they must come to.
 *
 * @param scores player to score after all of them
 */
record Load(List<Event> events, Map<String, Long> scores) {
    static final String CLIENT = "bench";
    static final List<String> REGIONS = List.of("EU", "NA", "SA", "ASIA");

    private static final long SEED = 20_260_101;
    private static final int MAX_VALUE = 1_000;

    /** Additions to evenly drawn players, each of whom lives in one region. */
    static Load of(int count, int players) {
        return of(count, players, null);
    }

    /** The same, each event under an id of its own that begins with the prefix; admission remembers it. */
    static Load withIds(int count, int players, String prefix) {
        return of(count, players, prefix);
    }

    private static Load of(int count, int players, @Nullable String idPrefix) {
        Random random = new Random(SEED);
        List<Event> events = new ArrayList<>(count);
        Map<String, Long> scores = HashMap.newHashMap(Math.min(count, players));
        for (int i = 0; i < count; i++) {
            int number = random.nextInt(players);
            String player = "player-" + number;
            long value = random.nextInt(1, MAX_VALUE);
            ScoreData data = new ScoreData(player, value, ScoreData.MAIN_BOARD, REGIONS.get(number % REGIONS.size()), null);
            events.add(new Event(new Lane(CLIENT, player, Priority.NORMAL), ScoreOp.ADD.type(), data.toJson(),
                    idPrefix == null ? null : idPrefix + i));
            scores.merge(player, value, Long::sum);
        }
        return new Load(events, scores);
    }
}
