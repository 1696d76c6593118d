package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.schema.settings.RedisSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis(own = true)
final class NearCacheTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String KEY = "near";

    private final EmbeddedRedis server;
    private Redis redis;
    private NearCache<String> cache;

    NearCacheTest(EmbeddedRedis server) {
        this.server = server;
    }

    @BeforeEach
    void connect() {
        server.command("FLUSHALL");
        connect(server.uri());
    }

    private void connect(String uri) {
        redis = Redis.connect(new RedisSettings(uri, "near", TIMEOUT), TIMEOUT);
        cache = redis.nearCache(100, NearCacheTest::text);
    }

    private static String text(Map<String, byte[]> hash) {
        byte[] value = hash.get("v");
        return value == null ? "nothing" : new String(value, StandardCharsets.UTF_8);
    }

    @AfterEach
    void close() {
        redis.close();
    }

    private void put(String value) {
        server.command("HSET", KEY, "v", value);
    }

    /** Reads until readings stay in this process. */
    private void warm(String expected) {
        await().atMost(LONG).until(() -> {
            String first = cache.get(KEY);
            long before = hashReads();
            return first.equals(expected) && cache.get(KEY).equals(expected) && hashReads() == before;
        });
    }

    private long hashReads() {
        return Pattern.compile("cmdstat_hgetall:calls=(\\d+)").matcher(String.valueOf(server.command("INFO", "commandstats"))).results()
                .mapToLong(found -> Long.parseLong(found.group(1))).sum();
    }

    @Test
    void readingAgainSendsNoCommand() {
        put("one");
        warm("one");
        server.command("CONFIG", "RESETSTAT");

        for (int n = 0; n < 10_000; n++) {
            assertThat(cache.get(KEY)).isEqualTo("one");
        }

        assertThat(Pattern.compile("cmdstat_([^:]+)").matcher(String.valueOf(server.command("INFO", "commandstats"))).results()
                .map((MatchResult found) -> found.group(1))).as("but for the time, which is asked for whether anyone reads or not")
                .isSubsetOf("time", "config|resetstat", "info", "hello", "client|setinfo", "client|setname");
    }

    @Test
    void everyChangeIsSeenWithin100Milliseconds() {
        put("0");
        warm("0");
        for (int n = 1; n <= 300; n++) {
            String value = Integer.toString(n);
            put(value);
            long begin = System.nanoTime();
            while (!cache.get(KEY).equals(value)) {
                Thread.onSpinWait();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(100));
        }
    }

    @Test
    void noChangeIsMissedWhileManyReadAndWrite() throws Exception {
        AtomicBoolean writing = new AtomicBoolean(true);
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int reader = 0; reader < 8; reader++) {
                all.add(readers.submit(() -> {
                    while (writing.get()) {
                        assertThat(cache.get(KEY)).isNotNull();
                        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(200_000));
                    }
                    return null;
                }));
            }
            for (int round = 0; round < 60; round++) {
                for (int n = 0; n < 20; n++) {
                    put(round + "-" + n);
                }
                String last = round + "-19";
                await().pollInterval(Duration.ofMillis(1)).atMost(Duration.ofSeconds(5)).until(() -> cache.get(KEY).equals(last));
                assertThat(cache.get(KEY)).isEqualTo(last);
            }
            writing.set(false);
            for (Future<?> reader : all) {
                reader.get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void whatIsNotThereIsRememberedUntilItIs() {
        warm("nothing");
        put("there");
        await().atMost(TIMEOUT).until(() -> cache.get(KEY).equals("there"));
        server.command("FLUSHALL");
        await().atMost(TIMEOUT).until(() -> cache.get(KEY).equals("nothing"));
    }

    @Test
    void nothingIsTrustedOnceTheConnectionHasEndedThatTellsOfChanges() {
        put("before");
        warm("before");
        for (int n = 0; n < 20; n++) {
            server.command("CLIENT", "KILL", "ID", trackedConnection());
            put("after-" + n);
            String after = "after-" + n;
            await().pollInterval(Duration.ofMillis(1)).atMost(Duration.ofMillis(200)).until(() -> cache.get(KEY).equals(after));
            warm(after);
        }
    }

    private String trackedConnection() {
        return String.valueOf(server.command("CLIENT", "LIST")).lines().filter(client -> client.matches(".* flags=\\w*t\\w* .*"))
                .map(client -> client.replaceAll("^id=(\\d+) .*", "$1")).findFirst().orElseThrow();
    }

    @Test
    void aConnectionThatFellSilentIsNotTrusted() {
        redis.close();
        try (RedisProxy proxy = RedisProxy.to(server.port())) {
            connect(proxy.uri());
            put("before");
            warm("before");
            proxy.holdAnswers();
            put("after");

            // Nothing can be heard, so the last that was known is all there is; but it is not taken for true without having asked.
            await().atMost(LONG).until(() -> {
                assertThat(cache.get(KEY)).isEqualTo("before");
                return !redis.available();
            });

            proxy.releaseAnswers();
            await().atMost(LONG).until(() -> cache.get(KEY).equals("after"));
        }
    }

    @Test
    void whileRedisIsAwayTheLastThatWasKnownCounts() {
        put("known");
        warm("known");
        long before = cache.nowMs(KEY);
        server.kill();
        try {
            await().atMost(LONG).until(() -> !redis.available());
            assertThat(cache.get(KEY)).isEqualTo("known");
            assertThatThrownBy(() -> cache.get("unknown")).isInstanceOf(RedisUnavailableException.class);
            assertThat(cache.nowMs(KEY)).as("its clock goes on").isGreaterThanOrEqualTo(before);
        } finally {
            server.restart();
        }
        put("other");
        await().atMost(LONG).until(() -> cache.get(KEY).equals("other"));
        warm("other");
    }

    @Test
    void theTimeIsThatOfRedisAndNeverBehind() {
        warm("nothing");
        for (int n = 0; n < 50; n++) {
            long redisMs = redisMs();
            assertThat(cache.nowMs(KEY)).isBetween(redisMs, redisMs + 500);
        }
    }

    private long redisMs() {
        String[] time = String.valueOf(server.command("TIME")).split("\\s+", 2);
        return Long.parseLong(time[0]) * 1_000 + Long.parseLong(time[1].strip()) / 1_000;
    }
}
