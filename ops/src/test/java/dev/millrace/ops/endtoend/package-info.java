/**
 * The roles as processes of their own, on a real Redis and a real Postgres, while processes and servers are killed, stopped and paused. The
 * volumes are small enough for every build; system properties make them larger:
 *
 * <ul>
 * <li>{@code -Dmillrace.events=200000}: events of the long loads
 * <li>{@code -Dmillrace.outage=30}: seconds that Postgres and Redis are away
 * <li>{@code -Dmillrace.seed=…}: makes the same events as a run that printed it
 * </ul>
 */
@NullMarked
package dev.millrace.ops.endtoend;

import org.jspecify.annotations.NullMarked;
