/** The work: owns partitions, reads their events in order and applies each of them once. */
@NullMarked
package dev.millrace.processor;

import org.jspecify.annotations.NullMarked;
