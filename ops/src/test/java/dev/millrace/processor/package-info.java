/**
 * The processor on a real Redis.
 */
@NullMarked
package dev.millrace.processor;

import org.jspecify.annotations.NullMarked;
