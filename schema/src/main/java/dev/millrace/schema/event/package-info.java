/**
 * What a producer sends and what a stream holds: events, lanes, partitions, ids and their codecs.
 */
@NullMarked
package dev.millrace.schema.event;

import org.jspecify.annotations.NullMarked;
