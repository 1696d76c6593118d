package dev.millrace.ingest.auth;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A live key, as its client's keepers see it.
 *
 * @param expiresAt null for never
 */
public record KeyInfo(String id, Instant createdAt, @Nullable Instant expiresAt, Set<Scope> scopes) {
    public KeyInfo {
        scopes = Set.copyOf(scopes);
    }
}
