/** The only place that knows Postgres: connections, migrations, the writing of the books and the reading of event histories. */
@NullMarked
package dev.millrace.persister.store;

import org.jspecify.annotations.NullMarked;
