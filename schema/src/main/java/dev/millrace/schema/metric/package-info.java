/**
 * The catalogue of metrics: one place that names every meter, its unit and its tags.
 */
@NullMarked
package dev.millrace.schema.metric;

import org.jspecify.annotations.NullMarked;
