/** What a transaction writes: rows made of changes, coalesced and sorted. Pure; nothing here does I/O. */
@NullMarked
package dev.millrace.persister.batch;

import org.jspecify.annotations.NullMarked;
