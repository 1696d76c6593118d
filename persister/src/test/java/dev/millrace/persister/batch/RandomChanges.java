package dev.millrace.persister.batch;

import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What processors might hand over: few players and many events, so that players meet again within a change and across changes. */
final class RandomChanges {
    private static final int PARTITIONS = 4;
    private static final List<Priority> PRIORITIES = List.copyOf(EnumSet.allOf(Priority.class));
    private static final long START_MS = 1_790_000_000_000L;

    private final Random random;
    private final Map<PlayerKey, PlayerState> states = new HashMap<>();
    private long events;

    RandomChanges(long seed) {
        this.random = new Random(seed);
    }

    /** Changes in the order in which they were made; a player always has the same partition. */
    List<ChangeEntry> make(int count) {
        List<ChangeEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int partition = random.nextInt(PARTITIONS);
            entries.add(new ChangeEntry(partition, new StreamId(START_MS + i / 3, i % 3), change(partition, 1_000 + i)));
        }
        return entries;
    }

    private Change change(int partition, long epoch) {
        Map<PlayerKey, PlayerChange> players = new LinkedHashMap<>();
        List<ScoreApplied> applied = new ArrayList<>();
        List<EventEnded> ended = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            StreamId id = nextId();
            if (random.nextInt(5) == 0) {
                ended.add(new EventEnded(id, PRIORITIES.get(random.nextInt(PRIORITIES.size())), client(), "job.email", "lane", Outcome.DEAD,
                        3, "no such host", origin(id)));
                continue;
            }
            PlayerKey key = new PlayerKey(client(), random.nextBoolean() ? "main" : "Duel", "p" + partition + "-" + random.nextInt(4));
            PlayerState before = states.get(key);
            long amount = random.nextInt(100);
            long score = (before == null ? 0 : before.score()) + amount;
            long version = Math.max(before == null ? 0 : before.version() + 1, epoch);
            String season = before != null && random.nextInt(9) > 0 ? before.season() : "s" + random.nextInt(3);
            PlayerState state = new PlayerState(score, "EU", season, version, id, id, random.nextBoolean() ? "Ann" : null);
            states.put(key, state);
            players.put(key, new PlayerChange(key, state, before == null ? null : before.region()));
            applied.add(new ScoreApplied(id, key, season, "EU", ScoreOp.ADD, amount, score, version, origin(id)));
        }
        return new Change(epoch, Instant.ofEpochMilli(START_MS + events), List.copyOf(players.values()), applied, ended);
    }

    private String client() {
        return random.nextBoolean() ? "acme" : "Zoo";
    }

    /** Some entries come from the schedule or were redriven; each from a place of its own. */
    private @Nullable Origin origin(StreamId id) {
        int kind = random.nextInt(6);
        return kind > 1 ? null : new Origin(new StreamId(id.ms() - START_MS / 2, id.seq()), kind == 0);
    }

    private StreamId nextId() {
        events++;
        return new StreamId(START_MS + events / 5, events % 5);
    }
}
