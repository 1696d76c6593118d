/** Measures the pipeline and, in the same run, what the servers under it can do at best; checks that every event had its effect. */
@NullMarked
package dev.millrace.ops.bench;

import org.jspecify.annotations.NullMarked;
