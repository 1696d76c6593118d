package dev.millrace.ingest.auth;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What became of the wish to rotate a client's key. */
public sealed interface Rotation {
    /**
     * There is a new key.
     *
     * @param apiKey stored nowhere, and so shown only now
     * @param before the key that was rotated, null if none was live
     */
    record Rotated(String keyId, String apiKey, Set<Scope> scopes, Instant createdAt, @Nullable Before before) implements Rotation {
        public Rotated {
            scopes = Set.copyOf(scopes);
        }

        @Override
        public String toString() {
            return "Rotated[" + keyId + ']';
        }
    }

    /**
     * The key before the new one.
     *
     * @param expiresAt until when it lives on
     */
    record Before(String keyId, Instant expiresAt) {}

    /** Someone else is at it; nothing was changed. */
    record InProgress() implements Rotation {}

    /**
     * Two keys are live; nothing was changed.
     *
     * @param until when the first of them ends by itself, null if neither does
     */
    record TwoLive(@Nullable Instant until) implements Rotation {}

    /** There is no such client. */
    record NoClient() implements Rotation {}
}
