package dev.millrace.ingest.auth;

import dev.millrace.schema.redis.Keyspace;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A client's keys, live or ended lately.
 *
 * @param tier which limits apply to the client
 * @param byId the keys by their ids
 */
record ClientKeys(String tier, Map<String, ClientKey> byId) {
    ClientKeys {
        byId = Map.copyOf(byId);
    }

    /** Reads the hash that holds them; an empty one is of no client, or of one without keys. */
    static ClientKeys read(Map<String, byte[]> hash) {
        String tier = Client.DEFAULT_TIER;
        Map<String, ClientKey> byId = new HashMap<>();
        for (Map.Entry<String, byte[]> field : hash.entrySet()) {
            String value = new String(field.getValue(), StandardCharsets.UTF_8);
            if (field.getKey().equals(Keyspace.CLIENT_TIER)) {
                tier = value;
            } else {
                ClientKey.read(field.getKey(), value).ifPresent(key -> byId.put(key.id(), key));
            }
        }
        return new ClientKeys(tier, byId);
    }
}
