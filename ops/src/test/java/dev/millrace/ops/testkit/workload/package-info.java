/**
 * A load whose effects are known, and a checker that says what became of them. A {@link dev.millrace.ops.testkit.workload.Workload} makes
 * events whose effects do not commute, a {@link dev.millrace.ops.testkit.workload.Load} sends them and notes every answer in a
 * {@link dev.millrace.ops.testkit.workload.Journal}, an {@link dev.millrace.ops.testkit.workload.Oracle} reads what boards and books hold
 * afterwards, and the {@link dev.millrace.ops.testkit.workload.Checker} compares both with a
 * {@link dev.millrace.ops.testkit.workload.Model}.
 */
@NullMarked
package dev.millrace.ops.testkit.workload;

import org.jspecify.annotations.NullMarked;
