/**
 * Who may come in: clients, their API keys, the administrator.
 */
@NullMarked
package dev.millrace.ingest.auth;

import org.jspecify.annotations.NullMarked;
