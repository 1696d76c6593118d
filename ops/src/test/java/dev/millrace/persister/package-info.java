/**
 * The persister on a real Redis and a real Postgres.
 */
@NullMarked
package dev.millrace.persister;

import org.jspecify.annotations.NullMarked;
