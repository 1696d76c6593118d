package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import java.util.Map;

/**
 * An entry as it was read from a stream.
 *
 * @param fields names and values, not yet decoded
 */
public record StreamEntry(StreamId id, Map<String, byte[]> fields) {}
