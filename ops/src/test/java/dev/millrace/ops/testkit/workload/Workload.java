package dev.millrace.ops.testkit.workload;

import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Makes events whose order and number can be read off their result: {@code set}, {@code add} and {@code best} of one player do not commute,
 * scores are small enough for many ties, players move between regions, and a few adds can't be applied at all.
 *
 * @param client the tenant that sends them
 * @param players how many take part
 * @param seed the same seed makes the same events
 */
public record Workload(String client, int players, long seed) {
    private static final List<String> REGIONS = List.of(ScoreData.GLOBAL, "EU", "ASIA", "NA");
    private static final int TOP = 500;

    /** A workload of a seed that differs at each call; it is printed, so that a failure can be run again. */
    public static Workload random(String client, int players) {
        Workload workload = new Workload(client, players, Long.getLong("millrace.seed", System.nanoTime()));
        System.out.println("workload: -Dmillrace.seed=" + workload.seed());
        return workload;
    }

    /** The first {@code count} events, in the order of their sequence. */
    public List<ScoreEvent> events(int count) {
        Random random = new Random(seed);
        List<ScoreEvent> events = new ArrayList<>(count);
        for (long sequence = 1; sequence <= count; sequence++) {
            events.add(event(sequence, random));
        }
        return events;
    }

    private ScoreEvent event(long sequence, Random random) {
        int player = random.nextInt(players);
        ScoreOp op = op(random.nextInt(10));
        long value = switch (op) {
            case SET -> random.nextInt(TOP);
            case ADD -> random.nextInt(-TOP / 10, TOP / 5);
            case BEST -> random.nextInt(2 * TOP);
        };
        if (random.nextInt(200) == 0) {
            // The next add of a positive amount would pass the largest score, and ends as a dead letter.
            op = ScoreOp.SET;
            value = ScoreData.MAX_SCORE;
        }
        String home = REGIONS.get(player % REGIONS.size());
        String region = random.nextInt(10) == 0 ? REGIONS.get(random.nextInt(REGIONS.size())) : home;
        @Nullable String name = random.nextInt(4) == 0 ? "Player " + player + " | " + sequence : null;
        return new ScoreEvent(sequence, client, op, new ScoreData("p" + player, value, ScoreData.MAIN_BOARD, region, name));
    }

    private static ScoreOp op(int dice) {
        if (dice < 3) {
            return ScoreOp.SET;
        }
        return dice < 7 ? ScoreOp.ADD : ScoreOp.BEST;
    }
}
