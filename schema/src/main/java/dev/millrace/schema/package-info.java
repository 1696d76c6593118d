/** The words that every other module shares: records and codecs, the Redis keyspace, settings, metric names and tables. */
@NullMarked
package dev.millrace.schema;

import org.jspecify.annotations.NullMarked;
