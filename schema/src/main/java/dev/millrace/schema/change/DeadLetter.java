package dev.millrace.schema.change;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.List;

/**
 * An event that was given up, with its whole history.
 *
 * @param id its stream id while it was unfinished
 * @param reason why it was given up, one line
 * @param diedAt when
 * @param attempts tries that were made
 * @param errors what went wrong at each try that failed, oldest first
 */
public record DeadLetter(StreamId id, Event event, String reason, Instant diedAt, int attempts, List<FailedAttempt> errors) {
    public DeadLetter {
        errors = List.copyOf(errors);
    }

    /** One try that failed. */
    public record FailedAttempt(Instant at, String error) {}
}
