/** The door: takes events over HTTP, checks them and appends them to Redis; serves boards and event states. */
@NullMarked
package dev.millrace.ingest;

import org.jspecify.annotations.NullMarked;
