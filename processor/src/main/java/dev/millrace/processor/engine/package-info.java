/** Owns partitions and reads their entries in order, fenced against past owners; what an entry means is its handler's business. */
@NullMarked
package dev.millrace.processor.engine;

import org.jspecify.annotations.NullMarked;
