package dev.millrace.processor.handler;

import dev.millrace.processor.engine.FencedException;
import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.PartitionHandler;
import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Works score events in batches: fetches the players' states, works the step out, commits it by one fenced script, then puts the states
 * onto the boards. A crash before the commit leaves the events unfinished; a crash after it leaves a change that {@link #recover} puts onto
 * the boards.
 */
public final class ScoreHandler implements PartitionHandler {
    private static final Script APPLY = Script.load(ScoreHandler.class, "apply");
    private static final Script BOARDED = Script.load(ScoreHandler.class, "boarded");
    private static final Script UNBOARDED = Script.load(ScoreHandler.class, "unboarded");
    private static final int REPLAY_PAGE = 50;

    private final Redis redis;
    private final Keyspace keys;
    private final int deadMax;
    private final Clock clock;
    private final Boards boards;
    private final Counter completed;
    private final Counter died;
    private final Timer acceptedToBoard;
    /** By partition: the change that is on the boards but not noted as such yet. Each is touched by its partition's one thread only. */
    private final Map<Integer, StreamId> toNote = new ConcurrentHashMap<>();

    /**
     * Wires the handler.
     *
     * @param deadMax dead letters a partition keeps
     * @param clock for the books and for latencies; no order rests on it
     */
    public ScoreHandler(Redis redis, Keyspace keys, int deadMax, Clock clock, MeterRegistry registry) {
        this.redis = redis;
        this.keys = keys;
        this.deadMax = deadMax;
        this.clock = clock;
        this.boards = new Boards(redis, keys);
        this.completed = Metric.COMPLETED.counter(registry);
        this.died = Metric.DEAD.counter(registry);
        this.acceptedToBoard = Metric.ACCEPTED_TO_BOARD.timer(registry);
    }

    @Override
    public void recover(Lease lease) {
        toNote.remove(lease.partition());
        int partition = lease.partition();
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
                for (PlayerChange player : decode(lease, after, page.list(i).list(1)).players()) {
                    newest.put(player.key(), player);
                }
            }
            boards.put(lease, StreamId.parse(after), List.copyOf(newest.values()));
            note(lease, StreamId.parse(after));
        }
    }

    @Override
    public void handle(Lease lease, List<StreamEntry> batch) {
        int partition = lease.partition();
        ScoreMachine.Decoded decoded = ScoreMachine.decode(batch);
        ScoreStep step = ScoreMachine.step(lease.epoch(), clock.instant(), decoded, states(partition, decoded.players()));
        Optional<StreamId> change = commit(lease, step);
        toNote.remove(partition);
        if (change.isPresent()) {
            boards.put(lease, change.get(), step.change().players());
            toNote.put(partition, change.get());
        }
        count(step);
    }

    @Override
    public void idle(Lease lease) {
        StreamId boarded = toNote.remove(lease.partition());
        if (boarded != null) {
            note(lease, boarded);
        }
    }

    private Map<PlayerKey, PlayerState> states(int partition, Set<PlayerKey> players) {
        Map<PlayerKey, PlayerState> states = HashMap.newHashMap(players.size());
        if (players.isEmpty()) {
            return states;
        }
        List<byte @Nullable []> packed = redis.mget(players.stream().map(player -> keys.player(partition, player)).toList());
        int i = 0;
        for (PlayerKey player : players) {
            byte @Nullable [] state = packed.get(i);
            i++;
            if (state != null) {
                try {
                    states.put(player, PlayerState.unpack(new String(state, StandardCharsets.UTF_8)));
                } catch (MalformedEntryException e) {
                    throw new IllegalStateException("the state of player " + player + " does not read: " + e.getMessage(), e);
                }
            }
        }
        return states;
    }

    private Optional<StreamId> commit(Lease lease, ScoreStep step) {
        int partition = lease.partition();
        List<String> scriptKeys = new ArrayList<>(
                List.of(keys.lease(partition, Keyspace.PROCESSORS), keys.events(partition, Priority.NORMAL), keys.depth(partition),
                        keys.changes(partition), keys.boarded(partition), keys.dead(partition), keys.deadIndex(partition)));
        StreamId boarded = toNote.get(partition);
        Args args = Args.of(lease.owner()).add(lease.epoch()).add(Keyspace.PROCESSORS).add(boarded == null ? "" : boarded.toString())
                .add(deadMax)
                .add(Keyspace.DEPTH_UNPERSISTED);
        args.addCounted(step.finished().stream().map(StreamId::toString).toList());
        args.add(2L * step.depths().size());
        step.depths().forEach((field, less) -> args.add(field).add(less));
        Collection<PlayerState> states = step.states().values();
        args.addCounted(states.stream().map(PlayerState::pack).toList());
        step.states().keySet().forEach(player -> scriptKeys.add(keys.player(partition, player)));
        args.add(step.dead().size());
        for (ScoreStep.DeadEntry letter : step.dead()) {
            args.add(letter.indexField()).add(letter.fields().size()).addAll(letter.fields());
        }
        args.add(step.change().events());
        if (step.change().events() > 0) {
            args.addAll(ChangeCodec.encode(step.change()));
        }
        Reply reply = redis.eval(APPLY, scriptKeys, args.list());
        return switch (reply.word()) {
            case "APPLIED" -> reply.text(1).isEmpty() ? Optional.empty() : Optional.of(StreamId.parse(reply.text(1)));
            case "FENCED" -> throw new FencedException(lease);
            case "DEAD_FULL" -> throw new IllegalStateException(
                    "the dead letters are full (MILLRACE_DEAD_MAX is " + deadMax + "); redrive or delete some, nothing is dropped");
            default -> throw new IllegalStateException("apply.lua answered " + reply.word());
        };
    }

    private void note(Lease lease, StreamId change) {
        Reply reply = redis.eval(BOARDED, List.of(keys.lease(lease.partition(), Keyspace.PROCESSORS), keys.boarded(lease.partition())),
                Args.of(lease.owner()).add(lease.epoch()).add(change.toString()).list());
        if (!reply.word().equals("NOTED")) {
            throw new FencedException(lease);
        }
    }

    private static Change decode(Lease lease, String id, Reply values) {
        Map<String, byte[]> fields = new HashMap<>();
        for (int i = 0; i + 1 < values.size(); i += 2) {
            fields.put(values.text(i), values.bytes(i + 1));
        }
        try {
            return ChangeCodec.decode(fields);
        } catch (MalformedEntryException e) {
            throw new IllegalStateException("change " + id + " of partition " + lease.partition() + " does not read: " + e.getMessage(), e);
        }
    }

    private void count(ScoreStep step) {
        completed.increment(step.change().applied().size());
        died.increment(step.dead().size());
        Instant now = clock.instant();
        step.change().applied()
                .forEach(score -> acceptedToBoard.record(Math.max(0, now.toEpochMilli() - score.id().ms()), TimeUnit.MILLISECONDS));
    }
}
