package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.FencedException;
import dev.millrace.processor.engine.Lease;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The scripts that write and read what the lanes of a partition are about. */
final class LaneScripts {
    /** The streams of a partition, in the order in which scripts and feeds list them. */
    static final List<Priority> STREAMS = List.of(Priority.HIGH, Priority.NORMAL, Priority.LOW);

    private static final int AHEAD_BYTES = 1 << 20;
    private static final Script COMMIT = Script.load(LaneScripts.class, "commit");
    private static final Script BEGIN = Script.load(LaneScripts.class, "begin");
    private static final Script BODIES = Script.load(LaneScripts.class, "bodies");

    private final Redis redis;
    private final Keyspace keys;
    private final int deadMax;

    LaneScripts(Redis redis, Keyspace keys, int deadMax) {
        this.redis = redis;
        this.keys = keys;
        this.deadMax = deadMax;
    }

    /** What became of a commit. */
    sealed interface Committed {
        /** It was done; there is a change if there was something to tell. */
        record Done(Optional<StreamId> change) implements Committed {}

        /** Nothing was done: there is no room for the dead letters. */
        record DeadFull() implements Committed {}
    }

    /**
     * Commits a turn and a step of states.
     *
     * @throws FencedException if the lease is another's
     */
    Committed commit(Lease lease, Turn turn, StateHandler.Step step, Optional<StreamId> boarded) {
        int partition = lease.partition();
        List<String> scriptKeys = new ArrayList<>();
        scriptKeys.add(keys.lease(partition, Keyspace.PROCESSORS));
        addStreams(scriptKeys, partition);
        scriptKeys.addAll(List.of(keys.depth(partition), keys.changes(partition), keys.boarded(partition), keys.dead(partition),
                keys.deadIndex(partition), keys.tries(partition), keys.moved(partition), keys.lease(partition, Keyspace.PERSISTER)));
        scriptKeys.addAll(step.states().keySet());
        Args args = Args.of(lease.owner()).add(lease.epoch()).add(Keyspace.PROCESSORS)
                .add(boarded.map(StreamId::toString).orElse("")).add(deadMax).add(Keyspace.DEPTH_UNPERSISTED)
                .add(keys.arrivals(Keyspace.PERSISTER)).add(partition);
        for (Priority priority : STREAMS) {
            args.addCounted(turn.finished(priority).stream().map(StreamId::toString).toList());
        }
        args.add(2L * turn.depths().size());
        turn.depths().forEach((field, less) -> args.add(field).add(less));
        args.addCounted(List.copyOf(step.states().values()));
        args.add(2L * turn.tries().size());
        turn.tries().forEach((field, value) -> args.add(field).add(value));
        args.addCounted(List.copyOf(turn.triesGone()));
        args.addCounted(turn.movedGone());
        args.add(turn.letters().size());
        for (Turn.Letter letter : turn.letters()) {
            args.add(letter.indexField()).add(letter.fields().size()).addAll(letter.fields());
        }
        Change change = turn.change(step);
        args.add(change.events());
        if (change.events() > 0) {
            args.addAll(ChangeCodec.encode(change));
        }
        Reply reply = redis.eval(COMMIT, scriptKeys, args.list());
        return switch (reply.word()) {
            case "COMMITTED" -> new Committed.Done(reply.text(1).isEmpty() ? Optional.empty() : Optional.of(StreamId.parse(reply.text(1))));
            case "DEAD_FULL" -> new Committed.DeadFull();
            case "FENCED" -> throw new FencedException(lease);
            default -> throw new IllegalStateException("commit.lua answered " + reply.word());
        };
    }

    /**
     * Marks that tries begin.
     *
     * @param alone what is known of those that are tried alone, by the field of their lane
     * @return for each whether its entry is still there
     * @throws FencedException if the lease is another's
     */
    List<Boolean> begin(Lease lease, List<LaneQueue> heads, Map<String, Tries> alone) {
        int partition = lease.partition();
        List<String> scriptKeys = new ArrayList<>(List.of(keys.lease(partition, Keyspace.PROCESSORS), keys.tries(partition)));
        addStreams(scriptKeys, partition);
        Args args = Args.of(lease.owner()).add(lease.epoch()).add(Keyspace.PROCESSORS).add(Keyspace.CONSUMER).add(2L * alone.size());
        alone.forEach((field, tries) -> args.add(field).add(TriesCodec.encode(tries)));
        for (LaneQueue head : heads) {
            // One for the delivery, one for this try.
            args.add(stream(head.lane().priority())).add(head.headId().toString()).add(head.begun() + 2L);
        }
        Reply reply = redis.eval(BEGIN, scriptKeys, args.list());
        return switch (reply.word()) {
            case "BEGUN" -> {
                List<Boolean> there = new ArrayList<>(heads.size());
                for (int i = 0; i < heads.size(); i++) {
                    there.add(reply.number(1 + i) > 0);
                }
                yield there;
            }
            case "FENCED" -> throw new FencedException(lease);
            default -> throw new IllegalStateException("begin.lua answered " + reply.word());
        };
    }

    /**
     * The fields of entries, none for one that is gone.
     *
     * @param ahead which of them are not needed yet, and left out as if they were gone once all such come to {@link #AHEAD_BYTES}
     */
    List<Map<String, byte[]>> bodies(int partition, List<Place> places, BitSet ahead) {
        List<String> scriptKeys = new ArrayList<>();
        addStreams(scriptKeys, partition);
        Args args = Args.of(Integer.toString(AHEAD_BYTES));
        for (int i = 0; i < places.size(); i++) {
            args.add(stream(places.get(i).priority())).add(places.get(i).id().toString()).add(ahead.get(i) ? 1 : 0);
        }
        Reply reply = redis.eval(BODIES, scriptKeys, args.list());
        List<Map<String, byte[]>> bodies = new ArrayList<>(places.size());
        for (int i = 0; i < places.size(); i++) {
            bodies.add(reply.fields(1 + i));
        }
        return bodies;
    }

    /** Where an entry is. */
    record Place(Priority priority, StreamId id) {}

    /** What is known of tries, by the field of their lane. */
    Map<String, Tries> tries(int partition) {
        Map<String, Tries> all = new HashMap<>();
        redis.hgetall(keys.tries(partition)).forEach((field, value) -> all.put(field, decoded(field, value)));
        return all;
    }

    /** The same of some lanes. */
    Map<String, Tries> tries(int partition, List<LaneQueue> lanes) {
        String[] fields = lanes.stream().map(queue -> Keyspace.laneField(queue.lane())).toArray(String[]::new);
        Map<String, Tries> some = new HashMap<>();
        redis.await(redis.command(keys.tries(partition), (commands, key) -> commands.hmget(key, fields))).forEach(
                found -> found.ifHasValue(value -> some.put(found.getKey(), decoded(found.getKey(), value))));
        return some;
    }

    private static Tries decoded(String field, byte[] value) {
        try {
            return TriesCodec.decode(new String(value, StandardCharsets.UTF_8));
        } catch (MalformedEntryException e) {
            throw new IllegalStateException("the tries of lane " + field + ": " + e.getMessage(), e);
        }
    }

    /** The fields of lanes that were paused. */
    Set<String> paused(int partition) {
        return Set.copyOf(redis.hgetall(keys.paused(partition)).keySet());
    }

    private void addStreams(List<String> scriptKeys, int partition) {
        for (Priority priority : STREAMS) {
            scriptKeys.add(keys.events(partition, priority));
        }
    }

    /** The number of a stream among the keys of a script, as Lua counts. */
    private static int stream(Priority priority) {
        return 1 + STREAMS.indexOf(priority);
    }
}
