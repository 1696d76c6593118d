/**
 * How many requests may come, of whom and for what: rules, the buckets that they count in, and a record of what came and what was refused.
 */
@NullMarked
package dev.millrace.ingest.limit;

import org.jspecify.annotations.NullMarked;
