/** How a process starts, what it runs, and how it ends in order: one role, or the whole system. */
@NullMarked
package dev.millrace.ops.launcher;

import org.jspecify.annotations.NullMarked;
