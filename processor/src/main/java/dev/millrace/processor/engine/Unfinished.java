package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import java.util.List;
import java.util.Optional;

/**
 * A page of what was delivered and not finished.
 *
 * @param vanished pending ids whose entry was gone
 * @param last the last id of the page, empty if there is no more
 */
record Unfinished(List<StreamEntry> entries, int vanished, Optional<StreamId> last) {}
