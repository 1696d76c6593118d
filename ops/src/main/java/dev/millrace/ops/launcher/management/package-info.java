/** What an operator's tools ask every process: is it alive, is it ready, how is it, what does it measure. */
@NullMarked
package dev.millrace.ops.launcher.management;

import org.jspecify.annotations.NullMarked;
