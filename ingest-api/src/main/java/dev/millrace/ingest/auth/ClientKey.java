package dev.millrace.ingest.auth;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of one of a client's keys; the key itself is not.
 *
 * @param id names it, and opens nothing
 * @param createdMs by the Redis clock
 * @param expiresMs by the Redis clock, 0 for never
 * @param hmac what the key hashes to
 */
record ClientKey(String id, long createdMs, long expiresMs, Set<Scope> scopes, String hmac) {
    private static final Pattern RECORD = Pattern.compile("2\\|(\\d+)\\|(\\d+)\\|([^|]*)\\|([^|]+)");
    /** From before keys had scopes and could end. */
    private static final Pattern FIRST_RECORD = Pattern.compile("1\\|(\\d+)\\|([^|]+)");

    ClientKey {
        scopes = Set.copyOf(scopes);
    }

    /** Reads {@code 2|<created>|<expires>|<scopes>|<hmac>}; what is no record of a key opens no door. */
    static Optional<ClientKey> read(String id, String record) {
        Matcher now = RECORD.matcher(record);
        if (now.matches()) {
            return Optional.of(new ClientKey(id, Long.parseLong(now.group(1)), Long.parseLong(now.group(2)), Scope.split(now.group(3)),
                    now.group(4)));
        }
        Matcher first = FIRST_RECORD.matcher(record);
        return first.matches() ? Optional.of(new ClientKey(id, Long.parseLong(first.group(1)), 0, Scope.BY_DEFAULT, first.group(2)))
                : Optional.empty();
    }

    boolean liveAt(long nowMs) {
        return expiresMs == 0 || nowMs < expiresMs;
    }

    Instant createdAt() {
        return Instant.ofEpochMilli(createdMs);
    }

    Optional<Instant> expiresAt() {
        return expiresMs == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(expiresMs));
    }
}
