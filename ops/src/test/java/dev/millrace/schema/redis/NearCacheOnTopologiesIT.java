package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisCluster;
import dev.millrace.ops.testkit.RedisSentinels;
import dev.millrace.schema.settings.RedisSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is kept near is told of changes by whichever server holds it, also when that has become another. */
@Tag("topology")
final class NearCacheOnTopologiesIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration TOLD = Duration.ofMillis(100);
    private static final int CHANGES = 100;

    @Test
    void everyMasterOfAClusterTells() {
        try (RedisCluster cluster = RedisCluster.start(3, false); Near near = Near.to(cluster.uri())) {
            for (EmbeddedRedis master : cluster.masters()) {
                near.hearsFrom(master, keyOn(cluster, master, "near"));
            }
        }
    }

    @Test
    void aMasterThatTookOverTells() {
        try (RedisCluster cluster = RedisCluster.start(3, true); Near near = Near.to(cluster.uri())) {
            EmbeddedRedis first = cluster.masters().getFirst();
            EmbeddedRedis other = cluster.masters().getLast();
            String key = keyOn(cluster, first, "near");
            String kept = keyOn(cluster, other, "kept");
            near.hearsFrom(first, key);
            EmbeddedRedis heir = cluster.replicaOf(first);

            first.kill();
            near.hearsFrom(other, kept);
            await().atMost(SOON).until(() -> cluster.masters().contains(heir));

            near.hearsFrom(heir, key);
        }
    }

    /** It does not know that it was replaced, and tells of nothing that happens since. */
    @Test
    void aMasterThatWasReplacedWhileItSleptIsNotBelieved() {
        try (RedisCluster cluster = RedisCluster.start(3, true); Near near = Near.to(cluster.uri())) {
            EmbeddedRedis sleeper = cluster.masters().getFirst();
            String key = keyOn(cluster, sleeper, "near");
            near.hearsFrom(sleeper, key);
            EmbeddedRedis heir = cluster.replicaOf(sleeper);

            sleeper.pause();
            try {
                await().atMost(SOON).until(() -> heir.command("ROLE"), role -> String.valueOf(role).startsWith("master"));
                near.hearsFrom(heir, key);
            } finally {
                sleeper.resume();
            }
            near.hearsFrom(heir, key);
        }
    }

    @Test
    void theMasterThatASlotHasMovedToTells() {
        try (RedisCluster cluster = RedisCluster.start(3, false); Near near = Near.to(cluster.uri())) {
            EmbeddedRedis from = cluster.masters().get(0);
            EmbeddedRedis to = cluster.masters().get(1);
            String key = keyOn(cluster, from, "near");
            near.hearsFrom(from, key);

            cluster.beginMigration(key, from, to);
            assertThat(near.cache.get(key)).as("while the slot is on its way").isEqualTo(Near.LAST);
            cluster.moveKeys(key, from, to);
            assertThat(near.cache.get(key)).isEqualTo(Near.LAST);
            cluster.endMigration(key, from, to);
            near.hearsFrom(to, key);

            cluster.migrate(key, to, from);
            near.hearsFrom(from, key);
        }
    }

    @Test
    void theNextMasterUnderSentinelsTells() {
        try (RedisSentinels sentinels = RedisSentinels.start(1); Near near = Near.to(sentinels.uri())) {
            EmbeddedRedis first = sentinels.master();
            near.hearsFrom(first, "near");

            first.kill();
            await().atMost(SOON).ignoreException(RedisUnavailableException.class)
                    .untilAsserted(() -> near.redis.await(near.redis.command("other", (commands, at) -> commands.set(at, new byte[]{1}))));

            assertThat(sentinels.master().port()).isNotEqualTo(first.port());
            near.hearsFrom(sentinels.master(), "near");
        }
    }

    private static String keyOn(RedisCluster cluster, EmbeddedRedis master, String word) {
        int n = 0;
        while (!cluster.masterOf("{" + word + n + "}").equals(master)) {
            n++;
        }
        return "{" + word + n + "}";
    }

    /** A cache and its way to Redis. */
    private record Near(Redis redis, NearCache<String> cache) implements AutoCloseable {
        static final String LAST = "value-" + CHANGES;

        static Near to(String uri) {
            Redis redis = Redis.connect(new RedisSettings(uri, "near", TIMEOUT), TIMEOUT);
            return new Near(redis, redis.nearCache(100, Near::text));
        }

        private static String text(Map<String, byte[]> hash) {
            byte[] value = hash.get("v");
            return value == null ? "nothing" : new String(value, StandardCharsets.UTF_8);
        }

        /** Reads of a key ask nothing of its master any more; and every change that is made there is seen in time. */
        void hearsFrom(EmbeddedRedis master, String key) {
            master.command("HSET", key, "v", "value-0");
            warm(master, key, "value-0");
            for (int n = 1; n <= CHANGES; n++) {
                String value = "value-" + n;
                master.command("HSET", key, "v", value);
                long begin = System.nanoTime();
                while (!cache.get(key).equals(value)) {
                    assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("until %s of %s was seen", value, key).isLessThan(TOLD);
                    Thread.onSpinWait();
                }
            }
            warm(master, key, LAST);
        }

        private void warm(EmbeddedRedis master, String key, String expected) {
            await().atMost(SOON).ignoreException(RedisUnavailableException.class).until(() -> {
                boolean known = cache.get(key).equals(expected);
                long before = hashReads(master);
                return known && cache.get(key).equals(expected) && hashReads(master) == before;
            });
        }

        private static long hashReads(EmbeddedRedis master) {
            return Pattern.compile("cmdstat_hgetall:calls=(\\d+)").matcher(String.valueOf(master.command("INFO", "commandstats"))).results()
                    .mapToLong(found -> Long.parseLong(found.group(1))).sum();
        }

        @Override
        public void close() {
            redis.close();
        }
    }
}
