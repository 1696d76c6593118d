/**
 * What the API answers when it refuses: one catalogue of problem types and the RFC 9457 form of each answer.
 */
@NullMarked
package dev.millrace.ingest.problem;

import org.jspecify.annotations.NullMarked;
