package dev.millrace.ops.testkit.workload;

import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.ScoreOp;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one client asked for and what boards and books hold of it, all faults over and everything drained.
 *
 * @param accepted events that the client knows to be accepted, once for every id that it was told
 * @param open events of which it knows nothing: accepted or not
 * @param completed rows of the score history
 * @param dead rows of events that were given up
 * @param deadLetters places of the events whose dead letters are in Redis
 * @param books the leaderboard table, in the order that its index promises
 * @param boards by board and region, what Redis shows, best first
 * @param lag what was left to do at the end
 */
public record History(List<Accepted> accepted, List<ScoreEvent> open, List<Completed> completed, List<Dead> dead,
        List<EventRef> deadLetters, List<BookRow> books, Map<BoardName, List<Ranked>> boards, Lag lag) {

    /**
     * An event and the id under which it was accepted.
     *
     * @param place what the id names
     */
    public record Accepted(ScoreEvent event, String eventId, EventRef place) {}

    /**
     * A row of the score history.
     *
     * @param place what the id names, or null if it is no id of the client
     */
    public record Completed(String eventId, @Nullable EventRef place, PlayerKey player, ScoreOp op, long amount, long score,
            long version) {}

    /** A row that says an event was given up. */
    public record Dead(String eventId, @Nullable EventRef place, String type, String lane) {}

    /** A row of the leaderboard table. */
    public record BookRow(PlayerKey player, String region, @Nullable String name, long score, long achieved, String lastId) {}

    /** One board, whole or of a region. */
    public record BoardName(String board, String region) {}

    /** A player on a board in Redis. */
    public record Ranked(String player, long score, long achieved, @Nullable String name) {}

    /**
     * How the drain went.
     *
     * @param took from its beginning until nothing was left, empty if that did not happen in time
     * @param left what was left in the end, for people
     */
    public record Lag(Optional<Duration> took, String left) {}
}
