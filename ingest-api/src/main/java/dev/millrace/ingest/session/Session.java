package dev.millrace.ingest.session;

import java.time.Instant;

/**
 * A session that is alive.
 *
 * @param id the HMAC of its secret, which opens nothing
 * @param agent the program that it was begun with, as that named itself; may be empty
 * @param lastSeenAt when it was used last
 * @param expiresAt when it ends in any case
 */
public record Session(String id, String client, String user, String agent, Instant createdAt, Instant lastSeenAt, Instant expiresAt) {}
