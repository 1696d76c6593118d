package dev.millrace.processor.engine.lane;

import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A lane with unfinished events in hand: its head, and the ids of those behind it. */
final class LaneQueue {
    private final Lane lane;
    private final IdQueue ids = new IdQueue();
    private State state = State.UNKNOWN;
    private @Nullable String type;
    private @Nullable LaneEvent head;
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

    LaneQueue(Lane lane) {
        this.lane = lane;
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

    /** The head itself, unless it was forgotten for want of room. */
    @Nullable LaneEvent head() {
        return head;
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
        head = event;
        type = event.event().type();
    }

    void forget() {
        head = null;
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
        meetNew();
    }

    /** Goes on to what is behind the first ones. */
    void advance(int count) {
        ids.remove(count);
        meetNew();
    }

    private void meetNew() {
        state = State.UNKNOWN;
        type = null;
        head = null;
        tries = null;
        begun = 0;
    }
}
