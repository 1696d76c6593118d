/** Tests of the benchmarks: that they run, check and clean up; never how fast. */
@NullMarked
package dev.millrace.ops.bench;

import org.jspecify.annotations.NullMarked;
