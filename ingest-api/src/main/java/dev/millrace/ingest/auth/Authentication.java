package dev.millrace.ingest.auth;

import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.DoorSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** Finds out who holds a key. */
public final class Authentication {
    private final Redis redis;
    private final Keyspace keys;
    private final KeyHash hash;
    private final byte[] adminKey;

    public Authentication(Redis redis, Keyspace keys, DoorSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.hash = new KeyHash(settings.keyPepper());
        this.adminKey = sha256(settings.adminKey());
    }

    /**
     * Whose key it is, in one lookup. Mistyped keys cost none.
     *
     * @return empty if it is nobody's
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<Caller> holder(String key) {
        if (MessageDigest.isEqual(sha256(key), adminKey)) {
            return Optional.of(new Caller.Admin());
        }
        if (!ApiKeyFormat.matches(key)) {
            return Optional.empty();
        }
        byte[] found = redis.get(keys.apiKey(hash.of(key)));
        return found == null ? Optional.empty() : Optional.of(client(new String(found, StandardCharsets.UTF_8)));
    }

    private static Caller client(String record) {
        int space = record.indexOf(' ');
        return new Caller.Client(record.substring(0, space), record.substring(space + 1), Client.DEFAULT_TIER, Scope.BY_DEFAULT);
    }

    /** Digests have one length, so comparing them tells nothing of the key's. */
    private static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
