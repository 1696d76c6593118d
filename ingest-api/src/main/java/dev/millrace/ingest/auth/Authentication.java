package dev.millrace.ingest.auth;

import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.NearCache;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.DoorSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * Finds out who holds a key. Of keys that were in use lately nothing is asked of Redis, which tells at once of those that were revoked or
 * given an end; while Redis is away, they go on to be known.
 */
public final class Authentication {
    /** Clients whose keys are kept in this process: more than call one process within minutes. */
    private static final int CLIENTS = 20_000;

    private final Keyspace keys;
    private final KeyOwners owners;
    private final NearCache<ClientKeys> clients;
    private final byte[] adminKey;

    public Authentication(Redis redis, Keyspace keys, DoorSettings settings) {
        this.keys = keys;
        this.owners = new KeyOwners(redis, keys, settings);
        this.clients = redis.nearCache(CLIENTS, ClientKeys::read);
        this.adminKey = sha256(settings.adminKey());
    }

    /**
     * Whose key it is. Mistyped keys are refused without asking anyone.
     *
     * @return empty if it is nobody's, revoked or past its end
     * @throws RedisUnavailableException if that is not known here, and Redis can't be asked
     */
    public Optional<Caller> holder(String key) {
        if (MessageDigest.isEqual(sha256(key), adminKey)) {
            return Optional.of(new Caller.Admin());
        }
        return ApiKeyFormat.matches(key) ? owners.of(key).flatMap(this::client) : Optional.empty();
    }

    private Optional<Caller> client(KeyOwners.Owner owner) {
        String place = keys.clientKeys(owner.client());
        ClientKeys known = clients.get(place);
        ClientKey key = known.byId().get(owner.keyId());
        if (key == null) {
            // A key that was made a moment ago can be here before word of it.
            known = clients.fresh(place);
            key = known.byId().get(owner.keyId());
        }
        if (key == null || (key.expiresMs() != 0 && !key.liveAt(clients.nowMs(place)))) {
            return Optional.empty();
        }
        return Optional.of(new Caller.Client(owner.client(), key.id(), known.tier(), key.scopes()));
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
