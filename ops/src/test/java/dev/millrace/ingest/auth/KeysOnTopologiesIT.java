package dev.millrace.ingest.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisCluster;
import dev.millrace.ops.testkit.RedisSentinels;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.DoorSettings;
import dev.millrace.schema.settings.RedisSettings;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A key that is revoked in one process is refused in another at once, on Cluster and Sentinel too, and after a master or a slot went elsewhere. */
@Tag("topology")
final class KeysOnTopologiesIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration AT_ONCE = Duration.ofMillis(100);
    private static final int TRIALS = 30;
    private static final Keyspace KEYS = new Keyspace("keys");
    private static final DoorSettings SETTINGS = new DoorSettings(0, "the-administrator-of-these-tests", "the-pepper-of-these-tests-only",
            "test",
            Duration.ofDays(1), 1, Set.of());

    @Test
    void onACluster() {
        try (RedisCluster cluster = RedisCluster.start(3, true); Processes processes = Processes.on(cluster.uri())) {
            Set<Integer> masters = new HashSet<>();
            for (int trial = 0; trial < TRIALS; trial++) {
                masters.add(cluster.masterOf(KEYS.clientKeys("before-" + trial)).port());
                processes.revoke("before-" + trial);
            }
            assertThat(masters).as("masters that held keys").hasSize(3);

            EmbeddedRedis from = cluster.masters().get(0);
            EmbeddedRedis to = cluster.masters().get(1);
            String moved = clientOn(cluster, from);
            String key = processes.create(moved);
            cluster.migrate(KEYS.clientKeys(moved), from, to);
            processes.revoke(moved, key);

            EmbeddedRedis heir = cluster.replicaOf(from);
            String inherited = clientOn(cluster, from);
            String its = processes.create(inherited);
            await().atMost(SOON).until(() -> heir.command("DBSIZE"), from.command("DBSIZE")::equals);
            from.kill();
            await().atMost(SOON).until(() -> cluster.masters().contains(heir) && cluster.isWhole());
            processes.revoke(inherited, its);
        }
    }

    private static String clientOn(RedisCluster cluster, EmbeddedRedis master) {
        int n = 0;
        while (!cluster.masterOf(KEYS.clientKeys("c" + n)).equals(master)) {
            n++;
        }
        return "c" + n;
    }

    @Test
    void underSentinels() {
        try (RedisSentinels sentinels = RedisSentinels.start(1); Processes processes = Processes.on(sentinels.uri())) {
            for (int trial = 0; trial < TRIALS; trial++) {
                processes.revoke("before-" + trial);
            }
            sentinels.master().kill();
            await().atMost(SOON).ignoreException(RedisUnavailableException.class).until(() -> !processes.create("next").isEmpty());
            for (int trial = 0; trial < TRIALS; trial++) {
                processes.revoke("after-" + trial);
            }
        }
    }

    /** One that revokes, and another that is only told. */
    private record Processes(Redis here, Redis there, Clients clients, ApiKeys apiKeys, Authentication one, Authentication other)
            implements
                AutoCloseable {
        static Processes on(String uri) {
            RedisSettings settings = new RedisSettings(uri, "keys", TIMEOUT);
            Redis here = Redis.connect(settings, TIMEOUT);
            Redis there = Redis.connect(settings, TIMEOUT);
            return new Processes(here, there, new Clients(here, KEYS, SETTINGS), new ApiKeys(here, KEYS, SETTINGS),
                    new Authentication(here, KEYS, SETTINGS), new Authentication(there, KEYS, SETTINGS));
        }

        String create(String client) {
            return clients.create(client, client, "gold", Scope.BY_DEFAULT, Registration.CLOSED).orElse("taken");
        }

        void revoke(String client) {
            revoke(client, create(client));
        }

        void revoke(String client, String key) {
            // Known in both, and by now from what they keep.
            await().atMost(SOON).ignoreException(RedisUnavailableException.class)
                    .until(() -> one.holder(key).isPresent() && other.holder(key).isPresent());
            String id = apiKeys.list(client).orElseThrow().getFirst().id();
            assertThat(other.holder(key)).isPresent();

            assertThat(apiKeys.revoke(client, id, true)).isEqualTo(Revocation.REVOKED);
            long begin = System.nanoTime();
            while (other.holder(key).isPresent() || one.holder(key).isPresent()) {
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("until the key of %s was refused", client).isLessThan(AT_ONCE);
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            here.close();
            there.close();
        }
    }
}
