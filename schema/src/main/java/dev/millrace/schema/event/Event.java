package dev.millrace.schema.event;

import org.jspecify.annotations.Nullable;

/**
 * What a producer sends, after validation.
 *
 * @param lane where it is ordered
 * @param type a known event type, such as {@code score.add}
 * @param data the payload as compact JSON, valid against the type's schema
 * @param producerId the producer's own id of the event, where it gave one
 */
public record Event(Lane lane, String type, String data, @Nullable String producerId) {}
