/**
 * What the API keeps an eye on: how full partitions are.
 */
@NullMarked
package dev.millrace.ingest.watch;

import org.jspecify.annotations.NullMarked;
