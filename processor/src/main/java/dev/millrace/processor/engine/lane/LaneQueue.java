package dev.millrace.processor.engine.lane;

import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lane with unfinished events in hand: its head, the ids of those behind it, and the first of those themselves while it goes on and there is
 * room.
 */
final class LaneQueue {
    /** Of so many events behind the head more than the id is kept. */
    static final int NEAR_MAX = 32;

    private final Lane lane;
    private final Bodies bodies;
    private final IdQueue ids = new IdQueue();
    private State state = State.UNKNOWN;
    private @Nullable String type;
    private @Nullable LaneEvent head;
    /** The events right behind the head, without a gap. */
    private @Nullable ArrayDeque<LaneEvent> near;
    private @Nullable Tries tries;
    private Instant due = Instant.EPOCH;
    private int begun;

    /** What the head waits for. */
    enum State {
        /** Somebody to look what it is. */
        UNKNOWN,
        /** Its turn. */
        READY,
        /** The end of a try. */
        RUNNING,
        /** A time. */
        WAITING,
        /** A person: its dead letter holds the lane. */
        BLOCKED
    }

    LaneQueue(Lane lane, Bodies bodies) {
        this.lane = lane;
        this.bodies = bodies;
    }

    Lane lane() {
        return lane;
    }

    IdQueue ids() {
        return ids;
    }

    StreamId headId() {
        return ids.get(0);
    }

    State state() {
        return state;
    }

    Instant due() {
        return due;
    }

    /** How many tries of the head were begun. */
    int begun() {
        return begun;
    }

    /** The type of the head, once somebody has looked. */
    @Nullable String type() {
        return type;
    }

    /** The head itself, with the data that it was redriven with if it was, unless it was forgotten for want of room. */
    @Nullable LaneEvent head() {
        String edited = tries == null ? null : tries.edited();
        return head == null || edited == null ? head : new LaneEvent(head.id(), head.event().with(edited));
    }

    /** What went wrong with the head so far, if something did. */
    @Nullable Tries tries() {
        return tries;
    }

    /** What went wrong with the head so far. */
    Tries triesOrNone() {
        return tries == null ? Tries.none(headId()) : tries;
    }

    void know(LaneEvent event) {
        forgetHead();
        head = event;
        bodies.add(event);
        type = event.event().type();
    }

    /** How many events right behind the head are here. */
    int nearby() {
        ArrayDeque<LaneEvent> kept = near;
        return kept == null ? 0 : kept.size();
    }

    /** Keeps the event of the next id behind those that are here, if the lane goes on and there is room. */
    boolean keep(LaneEvent event) {
        if (nearby() >= NEAR_MAX || state == State.WAITING || state == State.BLOCKED || !bodies.hasRoom()) {
            return false;
        }
        if (!event.id().equals(ids.get(1 + nearby()))) {
            return false;
        }
        ArrayDeque<LaneEvent> kept = near;
        if (kept == null) {
            kept = new ArrayDeque<>(4);
            near = kept;
        }
        kept.add(event);
        bodies.add(event);
        return true;
    }

    /** The lane stands still, and its events need not be in memory meanwhile. */
    void forget() {
        forgetHead();
        ArrayDeque<LaneEvent> kept = near;
        if (kept != null) {
            kept.forEach(bodies::remove);
            near = null;
        }
    }

    /** The head need not be in memory here. */
    void forgetHead() {
        LaneEvent known = head;
        if (known != null) {
            bodies.remove(known);
            head = null;
        }
    }

    void tried(int times, @Nullable Tries soFar) {
        begun = times;
        tries = soFar;
    }

    void become(State next) {
        state = next;
    }

    void waitUntil(Instant time) {
        state = State.WAITING;
        due = time;
    }

    /** Puts ids before its head. */
    void prepend(List<StreamId> before) {
        before.reversed().forEach(ids::addFirst);
        forget();
        meetNew();
    }

    /** Goes on to what is behind the first ones. */
    void advance(int count) {
        ids.remove(count);
        forgetHead();
        meetNew();
        ArrayDeque<LaneEvent> kept = near;
        for (int i = 0; i < count && kept != null && !kept.isEmpty(); i++) {
            LaneEvent next = kept.remove();
            bodies.remove(next);
            if (i == count - 1) {
                know(next);
            }
        }
    }

    private void meetNew() {
        state = State.UNKNOWN;
        type = null;
        tries = null;
        begun = 0;
    }
}
