package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RedisSentinels;
import dev.millrace.schema.settings.RedisSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("topology")
final class SentinelRedisIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(30);

    private RedisSentinels sentinels;
    private Redis redis;

    @BeforeEach
    void start() {
        sentinels = RedisSentinels.start(1);
        redis = Redis.connect(settings(sentinels.uri()), TIMEOUT);
    }

    @AfterEach
    void stop() {
        redis.close();
        sentinels.close();
    }

    private static RedisSettings settings(String url) {
        return new RedisSettings(url, "mr", TIMEOUT);
    }

    private void set(String value) {
        redis.await(redis.command("k", (commands, at) -> commands.set(at, value.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void commandsAreRefusedWhileThereIsNoMasterAndGoToTheNextOne() {
        set("before");
        EmbeddedRedis first = sentinels.master();
        first.kill();
        await().atMost(SOON).until(() -> !redis.available());
        long start = System.nanoTime();
        assertThatThrownBy(() -> set("refused")).isInstanceOfSatisfying(RedisUnavailableException.class,
                e -> assertThat(e.outcomeUnknown()).isFalse());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT);

        await().atMost(SOON).ignoreException(RedisUnavailableException.class).untilAsserted(() -> set("after"));
        EmbeddedRedis second = sentinels.master();
        assertThat(second.port()).isNotEqualTo(first.port());
        assertThat(second.command("GET", "k")).isEqualTo("after");
    }

    /** A master that does not know that it is none any more takes writes that are lost when it finds out. */
    @Test
    void aMasterThatWasReplacedWhileItSleptIsNotWrittenToWhenItWakesUp() {
        set("before");
        EmbeddedRedis sleeper = sentinels.master();
        sleeper.pause();
        try {
            await().atMost(SOON).ignoreException(RedisUnavailableException.class).untilAsserted(() -> set("after"));
        } finally {
            sleeper.resume();
        }
        for (int i = 0; i < 100; i++) {
            set("again " + i);
        }
        assertThat(sentinels.master().port()).isNotEqualTo(sleeper.port());
        assertThat(sentinels.master().command("GET", "k")).isEqualTo("again 99");
    }

    @Test
    void theLastSentinelIsEnough() {
        sentinels.sentinels().subList(0, 2).forEach(EmbeddedRedis::kill);
        try (Redis late = Redis.connect(settings(sentinels.uri()), TIMEOUT)) {
            late.requireFit();
            assertThat(late.get("k")).isNull();
        }
        set("still there");
    }

    @Test
    void aNameThatNoSentinelKnowsIsSaid() {
        RedisSettings other = settings(sentinels.uri().replace("#main", "#other"));
        assertThatThrownBy(() -> Redis.connect(other, TIMEOUT)).isInstanceOf(RedisUnavailableException.class)
                .hasMessageContaining("no Sentinel says where the master other is");
    }
}
