/**
 * The books on a real Postgres.
 */
@NullMarked
package dev.millrace.persister.store;

import org.jspecify.annotations.NullMarked;
