/** What Redis does at best when it is asked for the same bytes by plain pipelined commands, and what it holds after a run. */
@NullMarked
package dev.millrace.ops.bench.redis;

import org.jspecify.annotations.NullMarked;
