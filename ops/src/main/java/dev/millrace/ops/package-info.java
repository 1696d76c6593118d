/** How Millrace is run, watched and tested. */
@NullMarked
package dev.millrace.ops;

import org.jspecify.annotations.NullMarked;
