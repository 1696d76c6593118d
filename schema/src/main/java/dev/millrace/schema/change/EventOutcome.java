package dev.millrace.schema.change;

import dev.millrace.schema.change.EventEnded.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the books say of an event that has ended.
 *
 * @param attempts tries that were made
 * @param error why it died, where it did
 */
public record EventOutcome(String eventId, String type, String lane, Outcome outcome, int attempts, @Nullable String error,
        Instant acceptedAt,
        Instant completedAt) {}
