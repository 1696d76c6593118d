package dev.millrace.ingest.limit;

import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Which tier clients are of, for requests that don't bring it along, such as those of their users. It may be a minute behind. */
public final class Tiers {
    private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();
    /** Clients exist because the administrator made them, so more than these are known only after many of them were asked for. */
    private static final int KNOWN_MAX = 10_000;
    private static final String UNKNOWN = "";

    private final Redis redis;
    private final Keyspace keys;
    private final LongSupplier nanos;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /**
     * @param nanos a clock that only goes forward
     */
    public Tiers(Redis redis, Keyspace keys, LongSupplier nanos) {
        this.redis = redis;
        this.keys = keys;
        this.nanos = nanos;
    }

    private record Known(String tier, long atNanos) {}

    /** The tier of a client; as it was known last, or none, while Redis is away. */
    public String of(String client) {
        Known before = known.get(client);
        long now = nanos.getAsLong();
        if (before != null && now - before.atNanos() < KEPT_NANOS) {
            return before.tier();
        }
        String tier;
        try {
            byte[] found = redis.hgetall(keys.client(client)).get("tier");
            tier = found == null ? UNKNOWN : new String(found, StandardCharsets.UTF_8);
        } catch (RedisUnavailableException e) {
            return before == null ? UNKNOWN : before.tier();
        }
        if (known.size() >= KNOWN_MAX) {
            known.clear();
        }
        known.put(client, new Known(tier, now));
        return tier;
    }
}
