package dev.millrace.schema.event;

/**
 * What an event id names.
 *
 * @param partition the partition of its lane
 * @param priority which of the partition's streams
 * @param id its stream id
 */
public record EventRef(int partition, Priority priority, StreamId id) {}
