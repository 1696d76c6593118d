package dev.millrace.ingest.read;

import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where an event is, as one look into Redis found it. Fields are those of its entry, not yet decoded. */
public sealed interface Place {
    /** In the schedule. */
    record InSchedule(Instant due, Map<String, byte[]> fields) implements Place {}

    /** In its stream; nobody has taken it yet. */
    record InStream(StreamId id, Map<String, byte[]> fields) implements Place {}

    /**
     * In its stream and given to a processor.
     *
     * @param deliveries what the group's pending list counts: 1, and 1 more for each try that was begun
     * @param ofHead the tries of its lane's head, where something has gone wrong with that
     */
    record Pending(StreamId id, Map<String, byte[]> fields, long deliveries, @Nullable Tries ofHead) implements Place {}

    /** Among the dead letters; the fields are the letter's. */
    record Dead(Map<String, byte[]> fields) implements Place {}

    /** Taken out of the schedule. */
    record Cancelled() implements Place {}

    /** Nowhere any more, and its dead letter was discarded. */
    record Discarded() implements Place {}

    /**
     * Nowhere: it has ended.
     *
     * @param redriven whether it was dead before, and was redriven lately
     */
    record Gone(boolean redriven) implements Place {}
}
