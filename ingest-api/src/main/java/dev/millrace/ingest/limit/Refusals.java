package dev.millrace.ingest.limit;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The latest refusals, of all processes together: of each client, and of all. */
public final class Refusals {
    /** How many are kept of each client, and of all. */
    public static final int KEPT = 1_000;

    private static final Script NOTE = Script.load(Refusals.class, "note-refusals");
    private static final Script READ = Script.load(Refusals.class, "refusals");
    private static final Duration KEPT_FOR = Duration.ofHours(24);
    /** Refusals that one script writes; Redis does nothing else meanwhile. */
    private static final int AT_ONCE = 500;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Redis redis;
    private final Keyspace keys;

    public Refusals(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * Adds to them.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    void note(List<Refusal> refusals) {
        Map<String, List<Refusal>> byKey = new LinkedHashMap<>();
        for (Refusal refusal : refusals) {
            byKey.computeIfAbsent(keys.refusals(), _ -> new ArrayList<>()).add(refusal);
            if (refusal.client() != null) {
                byKey.computeIfAbsent(keys.refusals(refusal.client()), _ -> new ArrayList<>()).add(refusal);
            }
        }
        byKey.forEach((key, entries) -> {
            for (int from = 0; from < entries.size(); from += AT_ONCE) {
                Args args = Args.of(Integer.toString(KEPT), Long.toString(KEPT_FOR.toMillis()));
                entries.subList(from, Math.min(from + AT_ONCE, entries.size())).forEach(entry -> args.add(JSON.writeValueAsBytes(entry)));
                redis.eval(NOTE, List.of(key), args.list());
            }
        });
    }

    /**
     * The latest, latest first.
     *
     * @param client whose; null for all, those of nobody known too
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public List<Refusal> latest(@Nullable String client, int limit) {
        String key = client == null ? keys.refusals() : keys.refusals(client);
        Reply entries = redis.eval(READ, List.of(key), Args.of(Integer.toString(limit)).list()).list(1);
        List<Refusal> refusals = new ArrayList<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            refusals.add(JSON.readValue(entries.bytes(i), Refusal.class));
        }
        return refusals;
    }
}
