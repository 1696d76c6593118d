package dev.millrace.persister;

import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Plays random events for a set of players, hands out the changes that processors would, and knows what the books must say in the end. Not for
 * several threads at once.
 */
public final class World {
    private static final long START_MS = System.currentTimeMillis();

    private final Random random;
    private final int playersPerPartition;
    private final Map<PlayerKey, PlayerState> states = new HashMap<>();
    private final Map<Integer, StreamId> lastChange = new TreeMap<>();
    private long scores;
    private long others;
    private long changes;

    public World(long seed, int playersPerPartition) {
        this.random = new Random(seed);
        this.playersPerPartition = playersPerPartition;
    }

    /** The partition's next change. */
    public ChangeEntry next(int partition, int events) {
        StreamId id = new StreamId(START_MS + ++changes, 0);
        lastChange.put(partition, id);
        return new ChangeEntry(partition, id, change(partition, events));
    }

    private Change change(int partition, int events) {
        Map<PlayerKey, PlayerChange> players = new LinkedHashMap<>();
        List<ScoreApplied> applied = new ArrayList<>();
        List<EventEnded> ended = new ArrayList<>();
        long epoch = 1_000_000 + changes / 50;
        for (int i = 0; i < events; i++) {
            StreamId id = new StreamId(START_MS + (scores + others) / 4, (scores + others) % 4);
            if (random.nextInt(10) == 0) {
                others++;
                ended.add(new EventEnded(id, Priority.HIGH, "acme", "job.email", "lane", Outcome.DEAD, 3, "no such \"host\" {a,b}\\\n"));
                continue;
            }
            scores++;
            PlayerKey key = new PlayerKey("acme", "main", "p" + partition + "-" + random.nextInt(playersPerPartition));
            PlayerState before = states.get(key);
            long amount = random.nextInt(1_000) - 300L;
            long score = (before == null ? 0 : before.score()) + amount;
            long version = Math.max(before == null ? 0 : before.version() + 1, epoch);
            String name = random.nextInt(3) == 0 ? null : "Zoë \"Q\" {x},\\ 'y' NULL";
            PlayerState state = new PlayerState(score, random.nextBoolean() ? "EU" : "GLOBAL", "all", version, id, id, name);
            states.put(key, state);
            players.put(key, new PlayerChange(key, state, before == null ? null : before.region()));
            applied.add(new ScoreApplied(id, key, "all", state.region(), ScoreOp.ADD, amount, score, version));
        }
        return new Change(epoch, Instant.ofEpochMilli(START_MS + changes), List.copyOf(players.values()), applied, ended);
    }

    /** Score events so far. */
    public long scores() {
        return scores;
    }

    /** Other events so far. */
    public long others() {
        return others;
    }

    /** Partition to the id of its last change. */
    public Map<Integer, StreamId> lastChanges() {
        return lastChange;
    }

    /** What the rows of leaderboard must say, by player. */
    public Map<String, List<Object>> leaderboard() {
        Map<String, List<Object>> rows = new TreeMap<>();
        states.forEach((key, state) -> rows.put(key.player(), row(state)));
        return rows;
    }

    private static List<Object> row(PlayerState state) {
        List<Object> row = new ArrayList<>();
        row.add(Long.toString(state.score()));
        row.add(state.region());
        row.add(state.name());
        row.add(Long.toString(state.version()));
        row.add(Long.toString(state.achieved().packed()));
        row.add(state.lastApplied().toString());
        row.add(Long.toString(state.achieved().ms()));
        return row;
    }

    /** What the rows of leaderboard do say, by player, in the form of {@link #leaderboard}. */
    public static Map<String, List<Object>> leaderboard(List<Map<String, String>> rows) {
        Map<String, List<Object>> found = new TreeMap<>();
        for (Map<String, String> row : rows) {
            List<Object> values = new ArrayList<>();
            for (String column : List.of("score", "region", "name", "version", "achieved_id", "last_id", "achieved_ms")) {
                values.add(row.get(column));
            }
            found.put(String.valueOf(row.get("user_id")), values);
        }
        return found;
    }

    /** Reads the rows for {@link #leaderboard(List)}. */
    public static final String LEADERBOARD_SQL = "select *, (extract(epoch from achieved_at) * 1000)::bigint as achieved_ms from leaderboard";
}
