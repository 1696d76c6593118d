package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import java.time.Duration;

/** What a claim gave. */
sealed interface ClaimResult {
    /** The partition is ours, in a new epoch. */
    record Claimed(Lease lease, StreamId lastDelivered) implements ClaimResult {}

    /** Another holds it, for this long yet unless it renews. */
    record Held(String owner, Duration left) implements ClaimResult {}
}
