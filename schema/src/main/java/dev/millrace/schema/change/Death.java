package dev.millrace.schema.change;

import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.List;

/**
 * How an event came to be a dead letter, whether or not the event itself reads.
 *
 * @param id its stream id while it was unfinished
 * @param priority which of the partition's streams it was in
 * @param reason why it was given up, one line
 * @param diedAt when
 * @param attempts tries that were made
 * @param errors what went wrong at each try that failed, oldest first
 */
public record Death(StreamId id, Priority priority, String reason, Instant diedAt, int attempts, List<FailedAttempt> errors) {
    public Death {
        errors = List.copyOf(errors);
    }
}
