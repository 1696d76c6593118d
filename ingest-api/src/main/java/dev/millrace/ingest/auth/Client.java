package dev.millrace.ingest.auth;

import java.time.Instant;

/**
 * A consumer of the API.
 *
 * @param name how it is shown
 * @param tier which limits apply to it
 * @param registration where its users come from
 */
public record Client(String id, String name, String tier, Registration registration, Instant createdAt) {
    /** The tier of clients that were given none. */
    public static final String DEFAULT_TIER = "standard";
}
