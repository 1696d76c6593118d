/**
 * What is done with events: scores are applied and put on the boards.
 */
@NullMarked
package dev.millrace.processor.handler;

import org.jspecify.annotations.NullMarked;
