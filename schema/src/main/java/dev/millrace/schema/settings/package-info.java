/**
 * Every setting, read once from the environment into records that check themselves.
 */
@NullMarked
package dev.millrace.schema.settings;

import org.jspecify.annotations.NullMarked;
