/** The servers that test classes share, in containers; on the class path in the Maven profile {@code containers} alone. */
@NullMarked
package dev.millrace.ops.testkit.containers;

import org.jspecify.annotations.NullMarked;
