package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import java.time.Duration;
import java.util.List;

/** What a claim gave. */
sealed interface ClaimResult {
    /**
     * The partition is ours, in a new epoch.
     *
     * @param lastDelivered for each stream
     */
    record Claimed(Lease lease, List<StreamId> lastDelivered) implements ClaimResult {
        public Claimed {
            lastDelivered = List.copyOf(lastDelivered);
        }
    }

    /** Another holds it, for this long yet unless it renews. */
    record Held(String owner, Duration left) implements ClaimResult {}
}
