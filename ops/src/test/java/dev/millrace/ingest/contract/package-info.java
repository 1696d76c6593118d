/**
 * Holds the API to its OpenAPI document: every answer that a test gets, and requests that are derived from it.
 */
@NullMarked
package dev.millrace.ingest.contract;

import org.jspecify.annotations.NullMarked;
