package dev.millrace.schema.event;

/**
 * An event as its stream holds it.
 *
 * @param id its place in the stream, the order of acceptance
 */
public record StoredEvent(StreamId id, Event event) {}
