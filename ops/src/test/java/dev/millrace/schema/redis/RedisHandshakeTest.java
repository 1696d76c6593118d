package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.settings.RedisSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@RealRedis
final class RedisHandshakeTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    private final RedisSpace space;

    RedisHandshakeTest(RedisSpace space) {
        this.space = space;
    }

    @Test
    void aGreetingMayTakeLongerThanACommand() throws Exception {
        try (RedisProxy proxy = RedisProxy.to(space.server().port())) {
            proxy.holdAnswersAfter("HELLO");
            RedisSettings settings = new RedisSettings(proxy.uri(), space.namespace(), SHORT);
            CompletableFuture<Redis> connecting = CompletableFuture.supplyAsync(() -> Redis.connect(settings, SHORT));
            await().until(proxy::isHolding);
            await().during(SHORT.multipliedBy(5)).until(() -> !connecting.isDone());
            proxy.releaseAnswers();
            try (Redis redis = connecting.get(10, TimeUnit.SECONDS)) {
                assertThat(redis.info("server")).contains("redis_version");
                proxy.holdAnswersAfter("INFO");
                assertThatThrownBy(() -> redis.info("server")).isInstanceOf(RedisUnavailableException.class).hasMessageContaining("100 ms");
            }
        }
    }
}
