/** How log lines look and where they go. The only place that knows Logback. */
@NullMarked
package dev.millrace.ops.launcher.logging;

import org.jspecify.annotations.NullMarked;
