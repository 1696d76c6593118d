/**
 * Real Redis and real Postgres as child processes on 127.0.0.1, for {@code millrace up} and for tests.
 *
 * <p>The binaries come out of jars ({@link BinaryStore}). Each server runs in a session of its own, so that a Ctrl-C in the terminal reaches
 * Millrace alone, and each has a {@link Reaper}: a small shell outside the JVM that ends the server when the JVM is gone, even by
 * {@code kill -9}. What slips through that net is found by the next start on the same folder ({@link Leftovers}).
 */
@NullMarked
package dev.millrace.ops.embedded;

import org.jspecify.annotations.NullMarked;
