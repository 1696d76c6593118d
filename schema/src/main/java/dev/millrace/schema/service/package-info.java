/**
 * The contract of a role: start, stop, health.
 */
@NullMarked
package dev.millrace.schema.service;

import org.jspecify.annotations.NullMarked;
