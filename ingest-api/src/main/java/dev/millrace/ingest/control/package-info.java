/**
 * What can be done about events that were let in: take them back, and pause and resume lanes.
 */
@NullMarked
package dev.millrace.ingest.control;

import org.jspecify.annotations.NullMarked;
