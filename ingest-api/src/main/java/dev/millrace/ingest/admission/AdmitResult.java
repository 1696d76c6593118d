package dev.millrace.ingest.admission;

import java.time.Duration;

/** What became of one event at the door. */
public sealed interface AdmitResult {
    /** It was appended and Redis has acknowledged it. */
    record Accepted(String eventId, int partition) implements AdmitResult {}

    /** An event with this key and this content was appended before; this is its id, and nothing was appended now. */
    record Replayed(String eventId, int partition) implements AdmitResult {}

    /** An event with this key and other content was appended before. */
    record Conflict() implements AdmitResult {}

    /** Its partition holds as many unfinished events as it may. */
    record QueueFull() implements AdmitResult {}

    /** Its lane holds as many unfinished events as it may. */
    record LaneFull() implements AdmitResult {}

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
