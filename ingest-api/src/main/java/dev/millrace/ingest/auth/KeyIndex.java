package dev.millrace.ingest.auth;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.DoorSettings;
import java.security.SecureRandom;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes API keys, and notes whose they are. Whether one still opens anything is said by its client's {@link ClientKeys}: a note that is left
 * over does no harm.
 */
final class KeyIndex {
    private static final Logger LOG = LoggerFactory.getLogger(KeyIndex.class);
    private static final Script PUT = Script.load(KeyIndex.class, "put-api-key");
    private static final Script DROP = Script.load(KeyIndex.class, "drop-api-key");
    private static final Script EXPIRE = Script.load(KeyIndex.class, "expire-api-key");
    private static final int KEY_ID = 10;

    private final Redis redis;
    private final Keyspace keys;
    private final KeyHash hash;
    private final String environment;
    private final SecureRandom random = new SecureRandom();

    KeyIndex(Redis redis, Keyspace keys, DoorSettings settings) {
        this.redis = redis;
        this.keys = keys;
        this.hash = new KeyHash(settings.keyPepper());
        this.environment = settings.environment();
    }

    /**
     * A new key.
     *
     * @param apiKey stored nowhere
     * @param hmac what it is stored as
     */
    record Issued(String apiKey, String keyId, String hmac) {
        @Override
        public String toString() {
            return "Issued[" + keyId + ']';
        }
    }

    /**
     * Makes a key for a client, which opens nothing before it is among the client's keys.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    Issued issue(String client) {
        String apiKey = ApiKeyFormat.generate(environment, random);
        Issued issued = new Issued(apiKey, ApiKeyFormat.random(KEY_ID, random), hash.of(apiKey));
        Reply put = redis.eval(PUT, List.of(keys.apiKey(issued.hmac())), Args.of(client + ' ' + issued.keyId()).list());
        if (!put.says("PUT")) {
            throw new IllegalStateException("a new API key is taken: the random source repeats itself");
        }
        return issued;
    }

    /** Forgets a key that has ended; if that fails, the entry stays and opens nothing. */
    void drop(String hmac) {
        tidy(DROP, hmac, Args.of());
    }

    /** Forgets a key when it ends. */
    void expire(String hmac, long atMs) {
        tidy(EXPIRE, hmac, Args.of().add(atMs));
    }

    private void tidy(Script script, String hmac, Args args) {
        try {
            redis.eval(script, List.of(keys.apiKey(hmac)), args.list());
        } catch (RedisUnavailableException e) {
            LOG.info("an entry of a key that has ended or will end stays behind: {}", e.getMessage());
        }
    }
}
