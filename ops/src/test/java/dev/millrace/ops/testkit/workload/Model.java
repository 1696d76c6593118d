package dev.millrace.ops.testkit.workload;

import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.StreamId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What the boards should say: a map to which events are applied one after another, in the order in which they were accepted. */
final class Model {
    /** Best first; of equal scores the one that was reached first, then by name. */
    private static final Comparator<Standing> RANKS = Comparator.comparingLong(Standing::score).reversed()
            .thenComparingLong(Standing::achieved).thenComparing(standing -> standing.key().player());

    private final Map<PlayerKey, Standing> standings = new HashMap<>();

    /**
     * A player's place.
     *
     * @param achieved {@link StreamId#packed()} of the event that reached the score
     * @param last the last event that had an effect
     */
    record Standing(PlayerKey key, long score, String region, @Nullable String name, long achieved, StreamId last) {}

    /** The score that an event leads to, or empty if it can't be applied and is to end as a dead letter. */
    static OptionalLong scoreAfter(ScoreEvent event, @Nullable Long before) {
        long value = event.data().value();
        long after = switch (event.op()) {
            case SET -> value;
            case ADD -> (before == null ? 0 : before) + value;
            case BEST -> before == null || value > before ? value : before;
        };
        return Math.abs(after) > ScoreData.MAX_SCORE ? OptionalLong.empty() : OptionalLong.of(after);
    }

    /** Applies an event that was accepted after all those before it in its lane. */
    void apply(StreamId id, ScoreEvent event) {
        PlayerKey key = event.player();
        @Nullable Standing before = standings.get(key);
        OptionalLong after = scoreAfter(event, before == null ? null : before.score());
        if (after.isEmpty()) {
            return;
        }
        boolean moved = before == null || before.score() != after.getAsLong();
        @Nullable String named = event.data().name();
        @Nullable String name = named == null && before != null ? before.name() : named;
        standings.put(key, new Standing(key, after.getAsLong(), event.data().region(), name, moved ? id.packed() : before.achieved(), id));
    }

    /** A board's standings, best first; {@link ScoreData#GLOBAL} ranks the players of every region. */
    List<Standing> ranked(String board, String region) {
        return standings.values().stream().filter(standing -> standing.key().board().equals(board))
                .filter(standing -> region.equals(ScoreData.GLOBAL) || standing.region().equals(region)).sorted(RANKS).toList();
    }
}
