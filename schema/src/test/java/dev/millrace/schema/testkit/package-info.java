/**
 * What the tests of several packages share.
 */
@NullMarked
package dev.millrace.schema.testkit;

import org.jspecify.annotations.NullMarked;
