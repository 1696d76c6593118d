/**
 * What a handler of outside work implements and is given. Handlers are found by {@link java.util.ServiceLoader}, so that a jar beside ours is
 * a plug-in.
 */
@NullMarked
package dev.millrace.processor.effect;

import org.jspecify.annotations.NullMarked;
