/**
 * Signed tokens (JWT) of users: those that are given out here, and those of an OpenID provider. Each is held to RFC 8725.
 */
@NullMarked
package dev.millrace.ingest.token;

import org.jspecify.annotations.NullMarked;
