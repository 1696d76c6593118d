package dev.millrace.processor.handler;

import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.processor.handler.ScoreStep.DeadEntry;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What score events do to players' scores: a pure function from events and present states to a step that a script then commits whole.
 * Because the partition's owner is the only writer of these states and the commit is fenced, deciding here and not inside Redis is safe, and
 * leaves Redis the cheap part.
 */
final class ScoreMachine {
    private static final Priority PRIORITY = Priority.NORMAL;

    private ScoreMachine() {}

    /**
     * A batch as it was decoded: what is needed to know whose states to fetch.
     *
     * @param items the entries in order
     */
    record Decoded(List<Item> items) {
        /** Players whose states the batch needs. */
        Set<PlayerKey> players() {
            Set<PlayerKey> players = new LinkedHashSet<>();
            for (Item item : items) {
                if (item instanceof Item.Score score) {
                    players.add(score.key());
                }
            }
            return players;
        }
    }

    /** An entry of the stream, read. */
    sealed interface Item {
        StreamId id();

        /** A score event. */
        record Score(StreamId id, Event event, ScoreOp op, ScoreData data, PlayerKey key) implements Item {}

        /** An event that no handler here can work. */
        record Unworkable(StreamId id, Event event, String reason) implements Item {}

        /** An entry that is no event. */
        record Unreadable(StreamEntry entry, String reason) implements Item {
            @Override
            public StreamId id() {
                return entry.id();
            }
        }
    }

    static Decoded decode(List<StreamEntry> entries) {
        List<Item> items = new ArrayList<>(entries.size());
        for (StreamEntry entry : entries) {
            items.add(decode(entry));
        }
        return new Decoded(items);
    }

    private static Item decode(StreamEntry entry) {
        Event event;
        try {
            event = EventCodec.decode(PRIORITY, entry.fields());
        } catch (MalformedEntryException e) {
            return new Item.Unreadable(entry, describe(e));
        }
        Optional<ScoreOp> op = ScoreOp.ofType(event.type());
        if (op.isEmpty()) {
            return new Item.Unworkable(entry.id(), event, "no handler for events of type " + event.type());
        }
        try {
            ScoreData data = ScoreData.parse(event.data());
            return new Item.Score(entry.id(), event, op.get(), data, new PlayerKey(event.lane().client(), data.board(), data.player()));
        } catch (MalformedEntryException e) {
            return new Item.Unworkable(entry.id(), event, describe(e));
        }
    }

    /**
     * Works a batch out.
     *
     * @param epoch of the owner
     * @param now when, for the books
     * @param before present states; players without one are new
     */
    static ScoreStep step(long epoch, Instant now, Decoded batch, Map<PlayerKey, PlayerState> before) {
        return new Run(epoch, now, before).over(batch.items());
    }

    private static String describe(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** The states of one batch while it is worked out. */
    private static final class Run {
        private final long epoch;
        private final Instant now;
        private final Map<PlayerKey, PlayerState> before;
        private final Map<PlayerKey, PlayerState> after = new LinkedHashMap<>();
        private final List<ScoreApplied> applied = new ArrayList<>();
        private final List<EventEnded> ended = new ArrayList<>();
        private final List<DeadEntry> dead = new ArrayList<>();
        private final List<StreamId> finished = new ArrayList<>();
        private final Map<String, Integer> depths = new HashMap<>();

        Run(long epoch, Instant now, Map<PlayerKey, PlayerState> before) {
            this.epoch = epoch;
            this.now = now;
            this.before = before;
        }

        ScoreStep over(List<Item> items) {
            for (Item item : items) {
                finished.add(item.id());
                switch (item) {
                    case Item.Score score -> {
                        countDown(score.event().lane());
                        apply(score);
                    }
                    case Item.Unworkable bad -> {
                        countDown(bad.event().lane());
                        bury(bad.id(), bad.event(), bad.reason());
                    }
                    case Item.Unreadable bad -> {
                        // It was counted when it was let in: by a newer release, or before it was damaged.
                        EventCodec.lane(PRIORITY, bad.entry().fields()).ifPresent(this::countDown);
                        dead.add(new DeadEntry(index(bad.id(), EventCodec.origin(bad.entry().fields()).orElse(null)),
                                DeadLetterCodec.encodeUnreadable(bad.id(), PRIORITY, bad.entry().fields(), bad.reason(), now)));
                    }
                }
            }
            List<PlayerChange> players = new ArrayList<>(after.size());
            after.forEach((key, state) -> {
                PlayerState was = before.get(key);
                players.add(new PlayerChange(key, state, was == null ? null : was.region()));
            });
            return new ScoreStep(after, new Change(epoch, now, players, applied, ended), finished, depths, dead);
        }

        private void apply(Item.Score event) {
            @Nullable PlayerState was = after.getOrDefault(event.key(), before.get(event.key()));
            if (was != null && event.id().compareTo(was.lastApplied()) <= 0) {
                return;
            }
            ScoreData data = event.data();
            long score = scoreAfter(event.op(), was, data.value());
            if (Math.abs(score) > ScoreData.MAX_SCORE) {
                bury(event.id(), event.event(), "the score would pass 2^53 - 1");
                return;
            }
            long version = Math.max(was == null ? 0 : was.version() + 1, epoch);
            StreamId achieved = was != null && was.score() == score ? was.achieved() : event.id();
            String name = data.name() != null ? data.name() : was == null ? null : was.name();
            String season = PlayerState.ALL_TIME;
            after.put(event.key(), new PlayerState(score, data.region(), season, version, event.id(), achieved, name));
            applied.add(new ScoreApplied(event.id(), event.key(), season, data.region(), event.op(), data.value(), score, version,
                    event.event().origin()));
        }

        private static long scoreAfter(ScoreOp op, @Nullable PlayerState was, long value) {
            return switch (op) {
                case SET -> value;
                case ADD -> was == null ? value : was.score() + value;
                case BEST -> was == null ? value : Math.max(was.score(), value);
            };
        }

        private void bury(StreamId id, Event event, String reason) {
            DeadLetter letter = new DeadLetter(id, event, reason, now, 1, List.of(new FailedAttempt(now, reason)));
            dead.add(new DeadEntry(index(id, event.origin()), DeadLetterCodec.encode(letter)));
            ended.add(new EventEnded(id, PRIORITY, event.lane().client(), event.type(), event.lane().name(), Outcome.DEAD, 1, reason,
                    event.origin()));
        }

        private void countDown(Lane lane) {
            depths.merge(Keyspace.laneDepth(lane), 1, Integer::sum);
            depths.merge(Keyspace.clientDepth(lane.client()), 1, Integer::sum);
        }

        private static String index(StreamId id, @Nullable Origin origin) {
            // The index knows no partitions: there is one in each.
            return Keyspace.deadField(EventRef.of(0, PRIORITY, id, origin));
        }
    }
}
