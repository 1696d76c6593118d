package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import java.util.List;

/** What a fenced read gave. */
sealed interface ReadResult {
    /** New entries, oldest first; none if the stream has nothing new. */
    record Entries(List<StreamEntry> entries) implements ReadResult {}

    /** The group has been given more than the reader knows of: a reply was lost. */
    record Gap(StreamId lastDelivered) implements ReadResult {}

    /** The stream or its group is gone. */
    record NoGroup() implements ReadResult {}

    /** A bound behind the reader is reached; nothing was read. */
    record Full() implements ReadResult {}
}
