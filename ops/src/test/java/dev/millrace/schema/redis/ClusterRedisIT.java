package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisCluster;
import dev.millrace.schema.settings.RedisSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("topology")
final class ClusterRedisIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Script COUNT = Script.of("count", """
            #!lua
            -- Counts a call, and says how many there were.
            -- KEYS: counter, other…
            -- ARGV: none
            -- Returns: COUNTED how many
            return { 'COUNTED', redis.call('INCR', KEYS[1]) }
            """);

    private static RedisCluster cluster;
    private Redis redis;

    @BeforeAll
    static void startCluster() {
        cluster = RedisCluster.start(3, false);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void connect() {
        redis = Redis.connect(settings(cluster.uri()), TIMEOUT);
    }

    @AfterEach
    void close() {
        redis.close();
    }

    private static RedisSettings settings(String url) {
        return new RedisSettings(url, "mr", TIMEOUT);
    }

    private static String keyOn(EmbeddedRedis master, String word) {
        int n = 0;
        while (!cluster.masterOf("{" + word + n + "}").equals(master)) {
            n++;
        }
        return "{" + word + n + "}";
    }

    private long count(String key) {
        return redis.eval(COUNT, List.of(key, key + ":other"), List.of()).number(1);
    }

    @Test
    void everyScriptRunsWhereItsKeysAreAndIsLoadedThere() {
        for (EmbeddedRedis master : cluster.masters()) {
            String key = keyOn(master, "script");
            master.command("SCRIPT", "FLUSH");
            assertThat(count(key)).isEqualTo(1);
            assertThat(count(key)).isEqualTo(2);
            assertThat(master.command("GET", key)).isEqualTo("2");
            assertThat(new String(redis.get(key), StandardCharsets.UTF_8)).isEqualTo("2");
        }
    }

    @Test
    void oneNodeIsEnoughToFindTheOthers() {
        EmbeddedRedis one = cluster.nodes().get(1);
        try (Redis found = Redis.connect(settings(one.uri() + "," + one.uri()), TIMEOUT)) {
            for (EmbeddedRedis master : cluster.masters()) {
                assertThat(found.get(keyOn(master, "nothing"))).isNull();
            }
        }
    }

    @Test
    void aSlotThatHasMovedIsFollowedAndEveryCommandRunsOnce() {
        EmbeddedRedis from = cluster.masters().get(0);
        EmbeddedRedis to = cluster.masters().get(1);
        String key = keyOn(from, "moved");
        assertThat(count(key)).isEqualTo(1);
        cluster.migrate(key, from, to);
        assertThat(count(key)).isEqualTo(2);
        cluster.migrate(key, to, from);
        assertThat(count(key)).isEqualTo(3);
    }

    @Test
    void keysThatAreAheadOfTheirSlotAreFollowed() {
        EmbeddedRedis from = cluster.masters().get(0);
        EmbeddedRedis to = cluster.masters().get(1);
        String key = keyOn(from, "ask");
        redis.await(redis.command(key, (commands, at) -> commands.set(at, "1".getBytes(StandardCharsets.UTF_8))));
        cluster.beginMigration(key, from, to);
        cluster.moveKeys(key, from, to);
        assertThat(new String(redis.get(key), StandardCharsets.UTF_8)).isEqualTo("1");
        to.command("SCRIPT", "FLUSH");
        assertThat(redis.eval(COUNT, List.of(key), List.of()).number(1)).isEqualTo(2);
        cluster.endMigration(key, from, to);
        assertThat(redis.eval(COUNT, List.of(key), List.of()).number(1)).isEqualTo(3);
    }

    @Test
    void keysThatAreHalfThereAreWaitedForAndRefusedForNowInTheEnd() {
        EmbeddedRedis from = cluster.masters().get(0);
        EmbeddedRedis to = cluster.masters().get(1);
        String key = keyOn(from, "half");
        redis.await(redis.command(key, (commands, at) -> commands.set(at, "1".getBytes(StandardCharsets.UTF_8))));
        cluster.beginMigration(key, from, to);
        assertThatThrownBy(() -> count(key)).isInstanceOfSatisfying(RedisUnavailableException.class,
                e -> assertThat(e.outcomeUnknown()).isFalse()).hasMessageContaining("TRYAGAIN");
        CompletableFuture<Reply> waiting = redis.evalAsync(COUNT, List.of(key, key + ":other"), List.of()).toCompletableFuture();
        cluster.moveKeys(key, from, to);
        cluster.endMigration(key, from, to);
        assertThat(redis.await(waiting).number(1)).isEqualTo(2);
    }

    @Test
    void aMasterThatIsAwayIsRefusedAtOnceAndTheOthersGoOn() {
        EmbeddedRedis away = cluster.masters().get(2);
        EmbeddedRedis there = cluster.masters().get(0);
        String lost = keyOn(away, "away");
        String kept = keyOn(there, "there");
        assertThat(count(lost)).isEqualTo(1);
        away.kill();
        try {
            await().atMost(SOON).until(() -> !redis.away().isEmpty());
            assertThat(redis.away()).containsExactly("127.0.0.1:" + away.port());
            long start = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                assertThatThrownBy(() -> redis.get(lost)).isInstanceOfSatisfying(RedisUnavailableException.class,
                        e -> assertThat(e.outcomeUnknown()).isFalse());
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT);
            assertThat(redis.available()).isTrue();
            assertThat(count(kept)).isPositive();
            try (Redis late = Redis.connect(settings(cluster.uri()), TIMEOUT)) {
                assertThat(late.get(kept)).isNotNull();
            }
        } finally {
            away.restart();
            await().atMost(SOON).until(cluster::isWhole);
        }
        await().atMost(SOON).ignoreException(RedisUnavailableException.class).untilAsserted(() -> assertThat(count(lost)).isGreaterThan(1));
        assertThat(redis.away()).isEmpty();
    }

    @Test
    void aSilentMasterHoldsUpNobodyElse() {
        EmbeddedRedis silent = cluster.masters().get(1);
        String stuck = keyOn(silent, "silent");
        String kept = keyOn(cluster.masters().get(0), "loud");
        silent.pause();
        try {
            assertThatThrownBy(() -> redis.get(stuck)).isInstanceOfSatisfying(RedisUnavailableException.class,
                    e -> assertThat(e.outcomeUnknown()).isTrue());
            assertThatThrownBy(() -> redis.get(stuck)).isInstanceOfSatisfying(RedisUnavailableException.class,
                    e -> assertThat(e.outcomeUnknown()).isFalse());
            assertThat(count(kept)).isPositive();
        } finally {
            silent.resume();
        }
        await().atMost(SOON).ignoreException(RedisUnavailableException.class).until(() -> redis.get(stuck) == null);
    }

    @Test
    void everyMasterMustRefuseToEvict() {
        redis.requireFit();
        EmbeddedRedis last = cluster.masters().getLast();
        last.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        try {
            assertThatThrownBy(redis::requireFit).isInstanceOf(IllegalStateException.class).hasMessageContaining("allkeys-lru");
        } finally {
            last.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        }
    }

    @Test
    void aLoneNodeAndAListOfOthersAreToldWhatTheyAre() {
        try (Redis lone = Redis.connect(settings(cluster.nodes().getFirst().uri()), TIMEOUT)) {
            assertThatThrownBy(lone::requireFit).isInstanceOf(IllegalStateException.class).hasMessageContaining("list its nodes");
        }
        try (EmbeddedRedis single = EmbeddedRedis.start(dev.millrace.ops.testkit.TestServers.redisOptions())) {
            assertThatThrownBy(() -> Redis.connect(settings(single.uri() + "," + single.uri()), TIMEOUT))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("not part of a Redis Cluster");
        }
    }

    @Test
    void nothingIsLostOrDoubledWhileSlotsMove() {
        String key = keyOn(cluster.masters().getFirst(), "busy");
        redis.await(redis.command(key + ":other", (commands, at) -> commands.set(at, new byte[0])));
        List<CompletableFuture<Reply>> answers = new ArrayList<>();
        List<EmbeddedRedis> masters = cluster.masters();
        for (int round = 1; round <= 9; round++) {
            for (int i = 0; i < 200; i++) {
                answers.add(redis.evalAsync(COUNT, List.of(key, key + ":other"), List.of()).toCompletableFuture());
            }
            cluster.migrate(key, masters.get((round - 1) % masters.size()), masters.get(round % masters.size()));
        }
        long counted = answers.stream().filter(answer -> answer.handle((_, failure) -> failure == null).join()).count();
        assertThat(counted).isPositive().isEqualTo(Long.parseLong(new String(redis.get(key), StandardCharsets.UTF_8)));
    }
}
