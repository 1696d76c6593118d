package dev.millrace.processor.engine.lane;

import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a partition's turn is to write, all in one commit: pure, and nothing is done before it is committed. */
final class Turn {
    private final long epoch;
    private final Instant now;
    private final Map<Priority, List<StreamId>> finished = new EnumMap<>(Priority.class);
    private final Map<String, Integer> depths = new HashMap<>();
    private final Map<String, String> tries = new LinkedHashMap<>();
    private final Set<String> triesGone = new LinkedHashSet<>();
    private final List<String> movedGone = new ArrayList<>();
    private final List<EventEnded> ended = new ArrayList<>();
    private final List<Letter> letters = new ArrayList<>();

    /**
     * A dead letter as an entry of its stream.
     *
     * @param indexField how the index of dead letters knows it
     * @param fields names and values in turn
     */
    record Letter(String indexField, List<byte[]> fields) {}

    Turn(long epoch, Instant now) {
        this.epoch = epoch;
        this.now = now;
    }

    /** Ends an event: it is unfinished no more. */
    void finish(LaneEvent event) {
        Lane lane = event.event().lane();
        finish(lane.priority(), event.id(), lane, event.event().origin());
    }

    /** Ends the entry of a lane, or of none that is known, by its place alone. */
    void finish(Priority priority, StreamId id, @Nullable Lane lane, @Nullable Origin origin) {
        finished.computeIfAbsent(priority, ids -> new ArrayList<>()).add(id);
        if (lane != null) {
            depths.merge(Keyspace.laneDepth(lane), 1, Integer::sum);
            depths.merge(Keyspace.clientDepth(lane.client()), 1, Integer::sum);
        }
        if (origin != null) {
            movedGone.add(origin.toString());
        }
    }

    /** The books are told that it was done. */
    void completed(LaneEvent event, int attempts) {
        finish(event);
        ended.add(told(event, Outcome.COMPLETED, attempts, null));
    }

    /**
     * Gives an event up.
     *
     * @param finish whether it is unfinished no more; else its lane waits for what is done with the dead letter
     */
    void bury(LaneEvent event, String reason, int attempts, List<FailedAttempt> errors, boolean finish) {
        Event what = event.event();
        letters.add(new Letter(deadField(what.lane().priority(), event.id(), what.origin()),
                DeadLetterCodec.encode(new DeadLetter(event.id(), what, reason, now, attempts, errors))));
        if (finish) {
            finish(event);
            ended.add(told(event, Outcome.DEAD, attempts, reason));
        }
    }

    /** Ends an event whose dead letter held its lane until it was discarded. */
    void discarded(LaneEvent event, int attempts, String reason) {
        finish(event);
        ended.add(told(event, Outcome.DEAD, attempts, reason));
    }

    /** Gives up what does not even read as an event. It was counted when it was let in: by a newer release, or before it was damaged. */
    void buryUnreadable(Priority priority, StreamId id, Map<String, byte[]> found, String reason) {
        Origin origin = EventCodec.origin(found).orElse(null);
        letters.add(new Letter(deadField(priority, id, origin), DeadLetterCodec.encodeUnreadable(id, priority, found, reason, now)));
        finish(priority, id, EventCodec.lane(priority, found).orElse(null), origin);
    }

    /** Keeps what is known of the tries of a lane's head. */
    void note(Lane lane, Tries what) {
        triesGone.remove(Keyspace.laneField(lane));
        tries.put(Keyspace.laneField(lane), TriesCodec.encode(what));
    }

    /** Forgets the tries of a lane's head, because it has ended. */
    void forgetTries(Lane lane) {
        tries.remove(Keyspace.laneField(lane));
        triesGone.add(Keyspace.laneField(lane));
    }

    /** How many effect events it ends as done. */
    int completed() {
        return Math.toIntExact(ended.stream().filter(one -> one.outcome() == Outcome.COMPLETED).count());
    }

    /** What the books and boards are told of this turn and of a step of states. */
    Change change(StateHandler.Step step) {
        return new Change(epoch, now, step.players(), step.applied(), ended);
    }

    List<StreamId> finished(Priority priority) {
        return finished.getOrDefault(priority, List.of());
    }

    Map<String, Integer> depths() {
        return depths;
    }

    Map<String, String> tries() {
        return tries;
    }

    Set<String> triesGone() {
        return triesGone;
    }

    List<String> movedGone() {
        return movedGone;
    }

    List<Letter> letters() {
        return letters;
    }

    private static EventEnded told(LaneEvent event, Outcome outcome, int attempts, @Nullable String error) {
        Event what = event.event();
        return new EventEnded(event.id(), what.lane().priority(), what.lane().client(), what.type(), what.lane().name(), outcome, attempts,
                error, what.origin());
    }

    private static String deadField(Priority priority, StreamId id, @Nullable Origin origin) {
        // The index knows no partitions: there is one in each.
        return Keyspace.deadField(EventRef.of(0, priority, id, origin));
    }
}
