package dev.millrace.ingest.auth;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.DoorSettings;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The clients and their API keys. */
public final class Clients {
    private static final Script PUT_KEY = Script.load(Clients.class, "put-api-key");
    private static final Script DROP_KEY = Script.load(Clients.class, "drop-api-key");
    private static final Script CREATE = Script.load(Clients.class, "create-client");
    private static final int KEY_ID = 10;

    private final Redis redis;
    private final Keyspace keys;
    private final KeyHash hash;
    private final String environment;
    private final SecureRandom random = new SecureRandom();

    public Clients(Redis redis, Keyspace keys, DoorSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.hash = new KeyHash(settings.keyPepper());
        this.environment = settings.environment();
    }

    /**
     * Creates a client with one key.
     *
     * <p>The key comes first, then the client with its list of keys in one step: whatever stops in between has left a key that nobody was
     * told, and the same call can be made again. Of several callers one creates the client, and the others take their keys back.
     *
     * @return the key, which is stored nowhere and so shown only now; empty if there is such a client
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the client may exist
     */
    public Optional<String> create(String id, String name, String tier) {
        String apiKey = ApiKeyFormat.generate(environment, random);
        String keyId = ApiKeyFormat.random(KEY_ID, random);
        String hmac = hash.of(apiKey);
        Reply put = redis.eval(PUT_KEY, List.of(keys.apiKey(hmac)), Args.of(id + ' ' + keyId).list());
        if (!put.word().equals("PUT")) {
            throw new IllegalStateException("a new API key is taken: the random source repeats itself");
        }
        Reply created = redis.eval(CREATE, List.of(keys.client(id), keys.clientKeys(id)), Args.of(name, tier, keyId, hmac).list());
        if (created.word().equals("CREATED")) {
            return Optional.of(apiKey);
        }
        redis.eval(DROP_KEY, List.of(keys.apiKey(hmac)), List.of());
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
        return Optional.of(new Client(id, text(fields, "name"), text(fields, "tier"),
                Instant.ofEpochMilli(Long.parseLong(text(fields, "created")))));
    }

    private static String text(Map<String, byte[]> fields, String name) {
        byte[] value = fields.get(name);
        if (value == null) {
            throw new IllegalStateException("client without " + name);
        }
        return new String(value, StandardCharsets.UTF_8);
    }
}
