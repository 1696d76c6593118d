/** Leaderboards as readers see them, wherever they are read from. */
@NullMarked
package dev.millrace.schema.board;

import org.jspecify.annotations.NullMarked;
