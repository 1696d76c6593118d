package dev.millrace.schema.change;

import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong so far with the event at the head of a lane. Tries that were begun are counted by the pending list; this says how they
 * ended: a begun try of which nothing is known was cut off by the end of its process.
 *
 * @param head the event
 * @param failures tries that ended in a failure
 * @param crashes tries that ended with their process while nothing else was tried in it
 * @param interruptions tries that ended with their process while others were under way in it, so that nobody knows whose fault it was
 * @param state what is to become of it
 * @param due when it will be tried again, of no meaning where it waits for nothing
 * @param errors what went wrong, oldest first, the last {@link #ERRORS_MAX} at most
 * @param edited the data that its handler is given instead of the event's own, where it was redriven with other data
 */
public record Tries(StreamId head, int failures, int crashes, int interruptions, State state, Instant due, List<FailedAttempt> errors,
        @Nullable String edited) {
    /** Errors that are kept. */
    public static final int ERRORS_MAX = 20;
    /** Characters of one error that are kept. */
    public static final int ERROR_LENGTH = 500;

    /** What is to become of an event that failed. */
    public enum State {
        /** It failed, and is tried again when it is due. */
        RETRYING,
        /** It was under way when its process ended; it is tried again while nothing else is. */
        SUSPECT,
        /** It is being tried while nothing else is: if the process ends now, it is the culprit. */
        ALONE,
        /** It is given up, but the dead letters are full; tried again when due. */
        DYING,
        /** It has a dead letter and holds its lane until it is redriven or discarded. */
        BLOCKED,
        /** Its dead letter was discarded: it ends as dead, and its lane goes on. */
        DISCARDED
    }

    /** Tries of an event as it was accepted. */
    public Tries(StreamId head, int failures, int crashes, int interruptions, State state, Instant due, List<FailedAttempt> errors) {
        this(head, failures, crashes, interruptions, state, due, errors, null);
    }

    public Tries {
        errors = List.copyOf(errors.size() > ERRORS_MAX ? errors.subList(errors.size() - ERRORS_MAX, errors.size()) : errors);
    }

    /** Nothing has gone wrong yet. */
    public static Tries none(StreamId head) {
        return new Tries(head, 0, 0, 0, State.RETRYING, Instant.EPOCH, List.of());
    }

    /** Nothing has gone wrong yet with an event that was redriven with other data. */
    public static Tries edited(StreamId head, String data) {
        return new Tries(head, 0, 0, 0, State.RETRYING, Instant.EPOCH, List.of(), data);
    }

    /** Tries whose end is known. */
    public int ended() {
        return failures + crashes + interruptions;
    }

    /** One more failure, after which it waits. */
    public Tries failed(Instant at, String error, Instant nextDue) {
        return new Tries(head, failures + 1, crashes, interruptions, State.RETRYING, nextDue, with(at, error), edited);
    }

    /** As many tries ended with their process; whether each was alone in it, is what the state said. */
    public Tries cutOff(Instant at, int tries) {
        boolean alone = state == State.ALONE;
        List<FailedAttempt> more = with(at, alone ? "its process ended while this was all it did" : "its process ended");
        return new Tries(head, failures, crashes + (alone ? tries : 0), interruptions + (alone ? 0 : tries), State.SUSPECT, due, more,
                edited);
    }

    /** The same in another state. */
    public Tries in(State other, Instant nextDue) {
        return new Tries(head, failures, crashes, interruptions, other, nextDue, errors, edited);
    }

    private List<FailedAttempt> with(Instant at, String error) {
        List<FailedAttempt> more = new ArrayList<>(errors);
        more.add(new FailedAttempt(at, error.length() > ERROR_LENGTH ? error.substring(0, ERROR_LENGTH) + '…' : error));
        return more;
    }
}
