/**
 * The API on a real Redis, asked over HTTP.
 */
@NullMarked
package dev.millrace.ingest;

import org.jspecify.annotations.NullMarked;
