package dev.millrace.processor.handler;

import dev.millrace.processor.engine.FencedException;
import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.lane.LaneEvent;
import dev.millrace.processor.engine.lane.StateHandler;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Works score events in batches: fetches the players' states and works the step out; once it is committed, puts the states onto the boards. A
 * crash before the commit leaves the events unfinished; a crash after it leaves a change that {@link Work#recover} puts onto the boards.
 */
public final class ScoreHandler implements StateHandler {
    private static final Script BOARDED = Script.load(ScoreHandler.class, "boarded");
    private static final Script UNBOARDED = Script.load(ScoreHandler.class, "unboarded");
    private static final int REPLAY_PAGE = 50;
    /** Players of a partition whose states are known without asking. */
    private static final int RECENT_MAX = 1_024;

    private final Redis redis;
    private final Keyspace keys;
    private final Clock clock;
    private final Boards boards;
    private final Timer acceptedToBoard;

    /**
     * Wires the handler.
     *
     * @param clock for latencies; no order rests on it
     */
    public ScoreHandler(Redis redis, Keyspace keys, Clock clock, MeterRegistry registry) {
        this.redis = redis;
        this.keys = keys;
        this.clock = clock;
        this.boards = new Boards(redis, keys);
        this.acceptedToBoard = Metric.ACCEPTED_TO_BOARD.timer(registry);
    }

    @Override
    public boolean works(String type) {
        return ScoreMachine.works(type);
    }

    @Override
    public Work begin(int partition) {
        return new Scores(partition);
    }

    private final class Scores implements Work {
        private final int partition;
        private Optional<StreamId> toNote = Optional.empty();
        /**
         * States as they are in Redis, of those players who had events last. Only commits of this lease write states, and a commit of unknown
         * outcome ends the lease, and this with it.
         */
        private final Map<PlayerKey, PlayerState> recent = new LinkedHashMap<>(16, 0.75f, true);
        private Map<PlayerKey, PlayerState> decided = Map.of();

        Scores(int partition) {
            this.partition = partition;
        }

        @Override
        public void recover(Lease lease) {
            String after = "";
            while (true) {
                Reply page = redis
                        .eval(UNBOARDED, List.of(keys.boarded(partition), keys.changes(partition)), Args.of(after).add(REPLAY_PAGE).list())
                        .list(1);
                if (page.size() == 0) {
                    break;
                }
                // The newest state of each player is enough, and spares readers the sight of scores that go back in time.
                Map<PlayerKey, PlayerChange> newest = new LinkedHashMap<>();
                for (int i = 0; i < page.size(); i++) {
                    after = page.list(i).text(0);
                    for (PlayerChange player : decode(after, page.list(i).fields(1)).players()) {
                        newest.put(player.key(), player);
                    }
                }
                boards.put(lease, StreamId.parse(after), List.copyOf(newest.values()));
                note(lease, StreamId.parse(after));
            }
        }

        @Override
        public Step decide(Lease lease, List<LaneEvent> events) {
            ScoreMachine.Decoded decoded = ScoreMachine.decode(events);
            ScoreMachine.Step step = ScoreMachine.step(lease.epoch(), decoded, states(decoded.players()));
            decided = step.states();
            Map<String, String> packed = LinkedHashMap.newLinkedHashMap(step.states().size());
            step.states().forEach((player, state) -> packed.put(keys.player(partition, player), state.pack()));
            return new Step(packed, step.players(), step.applied(), step.refused());
        }

        @Override
        public Optional<StreamId> toNote() {
            return toNote;
        }

        @Override
        public void committed(Lease lease, Step step, Optional<StreamId> change) {
            toNote = Optional.empty();
            remember(decided);
            decided = Map.of();
            if (change.isPresent()) {
                boards.put(lease, change.get(), step.players());
                toNote = change;
            }
            long now = clock.millis();
            step.applied().forEach(score -> acceptedToBoard.record(Math.max(0, now - score.id().ms()), TimeUnit.MILLISECONDS));
        }

        @Override
        public void idle(Lease lease) {
            if (toNote.isPresent()) {
                StreamId boarded = toNote.get();
                toNote = Optional.empty();
                note(lease, boarded);
            }
        }

        private Map<PlayerKey, PlayerState> states(Set<PlayerKey> players) {
            Map<PlayerKey, PlayerState> states = HashMap.newHashMap(players.size());
            List<PlayerKey> unknown = new ArrayList<>();
            for (PlayerKey player : players) {
                PlayerState state = recent.get(player);
                if (state == null) {
                    unknown.add(player);
                } else {
                    states.put(player, state);
                }
            }
            if (!unknown.isEmpty()) {
                Map<PlayerKey, PlayerState> found = fetch(unknown);
                remember(found);
                states.putAll(found);
            }
            return states;
        }

        private Map<PlayerKey, PlayerState> fetch(List<PlayerKey> players) {
            Map<PlayerKey, PlayerState> states = HashMap.newHashMap(players.size());
            List<byte @Nullable []> packed = redis.mget(players.stream().map(player -> keys.player(partition, player)).toList());
            for (int i = 0; i < players.size(); i++) {
                byte @Nullable [] state = packed.get(i);
                if (state != null) {
                    try {
                        states.put(players.get(i), PlayerState.unpack(new String(state, StandardCharsets.UTF_8)));
                    } catch (MalformedEntryException e) {
                        throw new IllegalStateException("the state of player " + players.get(i) + " does not read: " + e.getMessage(), e);
                    }
                }
            }
            return states;
        }

        private void remember(Map<PlayerKey, PlayerState> states) {
            recent.putAll(states);
            Iterator<PlayerKey> oldest = recent.keySet().iterator();
            while (recent.size() > RECENT_MAX) {
                oldest.next();
                oldest.remove();
            }
        }

        private void note(Lease lease, StreamId change) {
            Reply reply = redis.eval(BOARDED, List.of(keys.lease(partition, Keyspace.PROCESSORS), keys.boarded(partition)),
                    Args.of(lease.owner()).add(lease.epoch()).add(change.toString()).list());
            if (!reply.word().equals("NOTED")) {
                throw new FencedException(lease);
            }
        }

        private Change decode(String id, Map<String, byte[]> fields) {
            try {
                return ChangeCodec.decode(fields);
            } catch (MalformedEntryException e) {
                throw new IllegalStateException("change " + id + " of partition " + partition + " does not read: " + e.getMessage(), e);
            }
        }
    }
}
