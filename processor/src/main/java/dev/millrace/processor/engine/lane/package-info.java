/**
 * The lanes of a partition: at most one event of a lane at a time, in order, whatever its handlers do. Effect handlers run on virtual threads;
 * state events go in batches; both end through one fenced script.
 */
@NullMarked
package dev.millrace.processor.engine.lane;

import org.jspecify.annotations.NullMarked;
