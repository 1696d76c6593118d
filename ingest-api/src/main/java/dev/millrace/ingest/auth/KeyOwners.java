package dev.millrace.ingest.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.DoorSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says whose a key is. That never changes, so it is asked once; that a key is nobody's is remembered, too, though not for long. */
final class KeyOwners {
    /** Some 15 MB, and as much for keys that are nobody's; those can't drive out the others. */
    private static final int KEPT = 50_000;
    /** A key is noted before anyone is told it, so one that was nobody's will be somebody's only if a backup is restored. */
    private static final Duration NOBODYS = Duration.ofMinutes(1);

    private final Redis redis;
    private final Keyspace keys;
    private final KeyHash hash;
    private final Cache<String, Owner> owners = Caffeine.newBuilder().maximumSize(KEPT).build();
    private final Cache<String, Boolean> nobodys = Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(NOBODYS).build();

    KeyOwners(Redis redis, Keyspace keys, DoorSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.hash = new KeyHash(settings.keyPepper());
    }

    /** Whose a key is, and which of its keys. */
    record Owner(String client, String keyId) {}

    /**
     * Whose a key is.
     *
     * @return empty if it is nobody's
     * @throws RedisUnavailableException if it is not known here, and Redis can't be asked
     */
    Optional<Owner> of(String apiKey) {
        String hmac = hash.of(apiKey);
        Owner known = owners.getIfPresent(hmac);
        if (known != null) {
            return Optional.of(known);
        }
        if (nobodys.getIfPresent(hmac) != null) {
            return Optional.empty();
        }
        byte @Nullable [] found = redis.get(keys.apiKey(hmac));
        if (found == null) {
            nobodys.put(hmac, Boolean.TRUE);
            return Optional.empty();
        }
        String record = new String(found, StandardCharsets.UTF_8);
        int space = record.indexOf(' ');
        Owner owner = new Owner(record.substring(0, space), record.substring(space + 1));
        owners.put(hmac, owner);
        return Optional.of(owner);
    }
}
