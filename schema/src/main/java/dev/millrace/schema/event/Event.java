package dev.millrace.schema.event;

import org.jspecify.annotations.Nullable;

/**
 * What a producer sends, after validation.
 *
 * @param lane where it is ordered
 * @param type a known event type, such as {@code score.add}
 * @param data the payload as compact JSON, valid against the type's schema
 * @param producerId the producer's own id of the event, where it gave one
 * @param origin where its entry comes from, if that is not the place of its acceptance
 * @param trace where in a trace it was posted, if its producer said so
 */
public record Event(Lane lane, String type, String data, @Nullable String producerId, @Nullable Origin origin,
        @Nullable TraceParent trace) {
    /** An event as it is accepted. */
    public Event(Lane lane, String type, String data, @Nullable String producerId) {
        this(lane, type, data, producerId, null, null);
    }

    /** The same event, posted there. */
    public Event traced(@Nullable TraceParent where) {
        return new Event(lane, type, data, producerId, origin, where);
    }

    /** The same event with other data. */
    public Event with(String other) {
        return new Event(lane, type, other, producerId, origin, trace);
    }

    /** The same event in an entry that comes from elsewhere. */
    public Event from(Origin where) {
        return new Event(lane, type, data, producerId, where, trace);
    }
}
