/**
 * What can be asked: the status of an event, and the boards.
 */
@NullMarked
package dev.millrace.ingest.read;

import org.jspecify.annotations.NullMarked;
