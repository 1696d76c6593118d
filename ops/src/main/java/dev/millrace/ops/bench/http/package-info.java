/** The least that a server could do with posts, as a measure of the one that does all. */
@NullMarked
package dev.millrace.ops.bench.http;

import org.jspecify.annotations.NullMarked;
