package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import java.util.Map;

/**
 * An entry as it was read from a stream.
 *
 * @param stream which of the partition's streams, as {@link Feed#streams} lists them
 * @param fields names and values, not yet decoded
 * @param deliveries what the pending list counts for it: 1 when it was just read
 */
public record StreamEntry(int stream, StreamId id, Map<String, byte[]> fields, int deliveries) {}
