package dev.millrace.processor.handler;

import dev.millrace.processor.engine.lane.LaneEvent;
import dev.millrace.processor.engine.lane.StateHandler.Refused;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.util.ArrayList;
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
    private ScoreMachine() {}

    /**
     * A batch as it was read: what is needed to know whose states to fetch.
     *
     * @param scores in order
     * @param refused those that do not read as scores
     */
    record Decoded(List<Score> scores, List<Refused> refused) {
        /** Players whose states the batch needs. */
        Set<PlayerKey> players() {
            Set<PlayerKey> players = new LinkedHashSet<>();
            scores.forEach(score -> players.add(score.key()));
            return players;
        }
    }

    /** A score event. */
    record Score(LaneEvent event, ScoreOp op, ScoreData data, PlayerKey key) {
        StreamId id() {
            return event.id();
        }
    }

    /**
     * What a batch comes to.
     *
     * @param states the new state of every player that it touched, in the order of first touch
     * @param players the same for boards and books
     * @param applied scores that had an effect, in order
     * @param refused events that can't be applied
     */
    record Step(Map<PlayerKey, PlayerState> states, List<PlayerChange> players, List<ScoreApplied> applied, List<Refused> refused) {}

    static boolean works(String type) {
        return ScoreOp.ofType(type).isPresent();
    }

    static Decoded decode(List<LaneEvent> events) {
        List<Score> scores = new ArrayList<>(events.size());
        List<Refused> refused = new ArrayList<>();
        for (LaneEvent event : events) {
            Optional<ScoreOp> op = ScoreOp.ofType(event.event().type());
            try {
                ScoreData data = ScoreData.parse(event.event().data());
                PlayerKey key = new PlayerKey(event.event().lane().client(), data.board(), data.player());
                scores.add(new Score(event, op.orElseThrow(), data, key));
            } catch (MalformedEntryException e) {
                refused.add(new Refused(event, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
            }
        }
        return new Decoded(scores, refused);
    }

    /**
     * Works a batch out.
     *
     * @param epoch of the owner
     * @param before present states; players without one are new
     */
    static Step step(long epoch, Decoded batch, Map<PlayerKey, PlayerState> before) {
        return new Run(epoch, before, batch.refused()).over(batch.scores());
    }

    /** The states of one batch while it is worked out. */
    private static final class Run {
        private final long epoch;
        private final Map<PlayerKey, PlayerState> before;
        private final Map<PlayerKey, PlayerState> after = new LinkedHashMap<>();
        private final List<ScoreApplied> applied = new ArrayList<>();
        private final List<Refused> refused;

        Run(long epoch, Map<PlayerKey, PlayerState> before, List<Refused> refused) {
            this.epoch = epoch;
            this.before = before;
            this.refused = new ArrayList<>(refused);
        }

        Step over(List<Score> scores) {
            scores.forEach(this::apply);
            List<PlayerChange> players = new ArrayList<>(after.size());
            after.forEach((key, state) -> {
                PlayerState was = before.get(key);
                players.add(new PlayerChange(key, state, was == null ? null : was.region()));
            });
            return new Step(after, players, applied, refused);
        }

        private void apply(Score event) {
            @Nullable PlayerState was = after.getOrDefault(event.key(), before.get(event.key()));
            if (was != null && event.id().compareTo(was.lastApplied()) <= 0) {
                return;
            }
            ScoreData data = event.data();
            long score = scoreAfter(event.op(), was, data.value());
            if (Math.abs(score) > ScoreData.MAX_SCORE) {
                refused.add(new Refused(event.event(), "the score would pass 2^53 - 1"));
                return;
            }
            long version = Math.max(was == null ? 0 : was.version() + 1, epoch);
            StreamId achieved = was != null && was.score() == score ? was.achieved() : event.id();
            String name = data.name() != null ? data.name() : was == null ? null : was.name();
            String season = PlayerState.ALL_TIME;
            after.put(event.key(), new PlayerState(score, data.region(), season, version, event.id(), achieved, name));
            applied.add(new ScoreApplied(event.id(), event.key(), season, data.region(), event.op(), data.value(), score, version,
                    event.event().event().origin()));
        }

        private static long scoreAfter(ScoreOp op, @Nullable PlayerState was, long value) {
            return switch (op) {
                case SET -> value;
                case ADD -> was == null ? value : was.score() + value;
                case BEST -> was == null ? value : Math.max(was.score(), value);
            };
        }
    }
}
