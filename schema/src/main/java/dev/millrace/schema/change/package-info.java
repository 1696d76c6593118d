/**
 * What a processor hands on: player states, changes for the board and the persister, and dead letters.
 */
@NullMarked
package dev.millrace.schema.change;

import org.jspecify.annotations.NullMarked;
