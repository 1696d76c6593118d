package dev.millrace.ingest.auth;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.NearCache;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.DoorSettings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The clients. */
public final class Clients {
    /** Clients that are kept in this process: more than have users who call one process within minutes. */
    private static final int CLIENTS = 20_000;
    private static final Script CREATE = Script.load(Clients.class, "create-client");
    private static final Script SET_REGISTRATION = Script.load(Clients.class, "set-registration");

    private final Redis redis;
    private final Keyspace keys;
    private final KeyIndex index;
    /** Empty where there is no such client. */
    private final NearCache<Optional<Registration>> registrations;

    public Clients(Redis redis, Keyspace keys, DoorSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.index = new KeyIndex(redis, keys, settings);
        this.registrations = redis.nearCache(CLIENTS, fields -> fields.isEmpty() ? Optional.empty() : Optional.of(registration(fields)));
    }

    /**
     * Creates a client with one key.
     *
     * <p>The key comes first, then the client with its list of keys in one step: whatever stops in between has left a key that nobody was
     * told, and the same call can be made again. Of several callers one creates the client, and the others take their keys back. A client
     * whose creator never heard of its key is given another by {@link ApiKeys#rotate}.
     *
     * @return the key, which is stored nowhere and so shown only now; empty if there is such a client
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the client may exist
     */
    public Optional<String> create(String id, String name, String tier, Set<Scope> scopes, Registration registration) {
        KeyIndex.Issued issued = index.issue(id);
        Reply created = redis.eval(CREATE, List.of(keys.client(id), keys.clientKeys(id)),
                Args.of(name, tier, registration.word(), issued.keyId(), Scope.join(scopes), issued.hmac()).list());
        if (created.word().equals("CREATED")) {
            return Optional.of(issued.apiKey());
        }
        index.drop(issued.hmac());
        return Optional.empty();
    }

    /**
     * Looks a client up.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<Client> find(String id) {
        Map<String, byte[]> fields = redis.hgetall(keys.client(id));
        if (fields.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Client(id, text(fields, "name"), text(fields, "tier"), registration(fields),
                Instant.ofEpochMilli(Long.parseLong(text(fields, "created")))));
    }

    /**
     * Chooses where a client's users come from.
     *
     * @return whether there is such a client
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public boolean choose(String id, Registration registration) {
        return redis.eval(SET_REGISTRATION, List.of(keys.client(id)), Args.of(registration.word()).list()).word().equals("SET");
    }

    /**
     * Where a client's users come from, as is known here and asked of Redis only after it has changed.
     *
     * @return empty if there is no such client
     * @throws RedisUnavailableException if that is not known here, and Redis can't be asked
     */
    public Optional<Registration> registration(String id) {
        return registrations.get(keys.client(id));
    }

    /** Clients that were made before there were users have not chosen. */
    private static Registration registration(Map<String, byte[]> fields) {
        return fields.containsKey("registration") ? Registration.ofWord(text(fields, "registration")).orElseThrow() : Registration.CLOSED;
    }

    private static String text(Map<String, byte[]> fields, String name) {
        byte[] value = fields.get(name);
        if (value == null) {
            throw new IllegalStateException("client without " + name);
        }
        return new String(value, StandardCharsets.UTF_8);
    }
}
