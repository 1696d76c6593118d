/** What Postgres does at best when it is asked for plain rows, and what it holds after a run. */
@NullMarked
package dev.millrace.ops.bench.store;

import org.jspecify.annotations.NullMarked;
