/**
 * The consumer engine: who works which partition, what is read, and that nobody else may write meanwhile.
 */
@NullMarked
package dev.millrace.processor.engine;

import org.jspecify.annotations.NullMarked;
