package dev.millrace.ingest.read;

import dev.millrace.schema.change.EventOutcome;
import java.time.Instant;
import java.util.Optional;

/** What the books say of events that have ended. */
@FunctionalInterface
public interface EventHistory {
    /**
     * Finds an event. Answers or fails within a second or two: a request waits for it.
     *
     * @param acceptedAt from the event's id; finds the day's part of the history
     * @return empty if the books do not have it, or not yet
     * @throws RuntimeException if the books can't be asked
     */
    Optional<EventOutcome> find(String client, String eventId, Instant acceptedAt);

    /** For a role without books: knows of nothing. */
    static EventHistory none() {
        return (client, eventId, acceptedAt) -> Optional.empty();
    }
}
