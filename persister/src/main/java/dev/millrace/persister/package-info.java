/** The books: writes what processors changed to Postgres, in batches. */
@NullMarked
package dev.millrace.persister;

import org.jspecify.annotations.NullMarked;
