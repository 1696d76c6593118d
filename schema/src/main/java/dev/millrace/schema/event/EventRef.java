package dev.millrace.schema.event;

import org.jspecify.annotations.Nullable;

/**
 * What an event id names: where the event was when it was accepted.
 *
 * @param partition the partition of its lane
 * @param priority which of the partition's streams
 * @param id its stream id, or its id in the partition's schedule
 * @param scheduled whether it was accepted into the schedule
 */
public record EventRef(int partition, Priority priority, StreamId id, boolean scheduled) {
    /** An event that was accepted into its stream. */
    public EventRef(int partition, Priority priority, StreamId id) {
        this(partition, priority, id, false);
    }

    /**
     * What the id of an entry's event names.
     *
     * @param id of the entry
     * @param origin of the entry, where it has one
     */
    public static EventRef of(int partition, Priority priority, StreamId id, @Nullable Origin origin) {
        return origin == null ? new EventRef(partition, priority, id) : new EventRef(partition, priority, origin.id(), origin.scheduled());
    }

    /** The origin of an entry that this event was moved to. */
    public Origin asOrigin() {
        return new Origin(id, scheduled);
    }
}
