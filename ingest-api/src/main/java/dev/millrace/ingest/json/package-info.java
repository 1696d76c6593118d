/**
 * JSON as the door takes it: strict, bounded, and refused with the place of what is wrong.
 */
@NullMarked
package dev.millrace.ingest.json;

import org.jspecify.annotations.NullMarked;
