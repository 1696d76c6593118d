/**
 * Sessions of users: begun by logging in, kept in Redis, and ended by their user, by idleness or by age.
 */
@NullMarked
package dev.millrace.ingest.session;

import org.jspecify.annotations.NullMarked;
