/**
 * Letting events in: reading and validating them, and the one script that dedupes, bounds and appends.
 */
@NullMarked
package dev.millrace.ingest.admission;

import org.jspecify.annotations.NullMarked;
