package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import java.util.List;

/** What a fenced read gave. */
sealed interface ReadResult {
    /** New entries, those of a stream together and oldest first; none if nothing is new. */
    record Entries(List<StreamEntry> entries) implements ReadResult {}

    /** The group has been given more of a stream than the reader knows of: a reply was lost. */
    record Gap(int stream, StreamId lastDelivered) implements ReadResult {}

    /** A stream's group is gone. */
    record NoGroup(int stream) implements ReadResult {}

    /** A bound behind the reader is reached; nothing was read. */
    record Full() implements ReadResult {}
}
