/**
 * What can be asked: the status of an event, of a lane and of the partitions, and the boards.
 */
@NullMarked
package dev.millrace.ingest.read;

import org.jspecify.annotations.NullMarked;
