/** The command line: which commands there are and what they print. What they start is behind {@link dev.millrace.ops.cli.Launch}. */
@NullMarked
package dev.millrace.ops.cli;

import org.jspecify.annotations.NullMarked;
