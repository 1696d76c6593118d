package dev.millrace.ingest.admission;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What became of one event at the door. */
public sealed interface AdmitResult {
    /** It was appended and Redis has acknowledged it. */
    record Accepted(String eventId, int partition) implements AdmitResult {}

    /** It is in the schedule and Redis has acknowledged it. */
    record Scheduled(String eventId, int partition, Instant runAt) implements AdmitResult {}

    /**
     * An event with this key and this content was accepted before; this is its id, and nothing was appended now.
     *
     * @param runAt when it falls or fell due, if it was scheduled
     */
    record Replayed(String eventId, int partition, @Nullable Instant runAt) implements AdmitResult {}

    /** An event with this key and other content was accepted before. */
    record Conflict() implements AdmitResult {}

    /** Its partition holds as many unfinished events of its priority as there is room for where events of its standing are concerned. */
    record QueueFull() implements AdmitResult {}

    /** So much of Redis's memory is used that events of its standing have to wait. */
    record MemoryFull() implements AdmitResult {}

    /** Its lane holds as many unfinished events as it may. */
    record LaneFull() implements AdmitResult {}

    /** Its client has as many unfinished events in its partition as it may. */
    record ClientFull() implements AdmitResult {}

    /** Its partition holds as many events for later as it may. */
    record ScheduleFull() implements AdmitResult {}

    /**
     * Its partition remembers as many keys as it may.
     *
     * @param forThis until the next dedupe window, which begins with none
     */
    record DedupeFull(Duration forThis) implements AdmitResult {}

    /**
     * Redis could not be asked, or took too long to answer.
     *
     * @param outcomeUnknown whether the event may have been appended all the same; false if it certainly was not
     */
    record Unavailable(boolean outcomeUnknown) implements AdmitResult {}
}
