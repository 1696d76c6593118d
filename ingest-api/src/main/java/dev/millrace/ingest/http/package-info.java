/**
 * The API over HTTP: its operations, how requests are checked and answered, and the server.
 */
@NullMarked
package dev.millrace.ingest.http;

import org.jspecify.annotations.NullMarked;
