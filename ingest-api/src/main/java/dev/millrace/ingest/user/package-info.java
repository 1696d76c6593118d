/**
 * Users: people who belong to a client, their passwords, and what slows down those who guess passwords.
 */
@NullMarked
package dev.millrace.ingest.user;

import org.jspecify.annotations.NullMarked;
