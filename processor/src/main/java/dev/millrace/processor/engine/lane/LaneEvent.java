package dev.millrace.processor.engine.lane;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.StreamId;

/**
 * An event and its place in the stream of its lane's priority.
 *
 * @param id of the entry
 */
public record LaneEvent(StreamId id, Event event) {}
