/**
 * The long tests: faults under load ({@link dev.millrace.ops.soak.Fault}), each a run that its seed repeats, and engines that are broken on
 * purpose ({@link dev.millrace.ops.soak.Mutant}), which the same checks must fail. {@code ./millrace soak} runs them by their tags;
 * {@link dev.millrace.ops.soak.BlockedLaneIT} blocks a lane for long. {@link dev.millrace.ops.soak.QuickFaultsIT} is the part that every build runs. System properties, which {@code ./millrace soak} sets:
 *
 * <ul>
 * <li>{@code millrace.fault}, {@code millrace.seed}, {@code millrace.runs}, {@code millrace.minutes}: which runs, and how many
 * <li>{@code millrace.load}: seconds of load a run, 15 by default
 * </ul>
 */
@NullMarked
package dev.millrace.ops.soak;

import org.jspecify.annotations.NullMarked;
