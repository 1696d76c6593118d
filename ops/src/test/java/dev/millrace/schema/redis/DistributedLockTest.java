package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.RedisProxy.Point;
import dev.millrace.ops.testkit.RedisProxy.Words;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.DistributedLock.Hold;
import dev.millrace.schema.settings.RedisSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis
final class DistributedLockTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Script WRITE = Script.of("write", """
            #!lua
            -- Writes what only a holder may write.
            -- KEYS: value, lock, fence
            -- ARGV: value, number of the hold
            -- Returns: WRITTEN | FENCED
            if redis.call('EXISTS', KEYS[2]) == 0 or redis.call('GET', KEYS[3]) ~= ARGV[2] then
              return { 'FENCED' }
            end
            redis.call('SET', KEYS[1], ARGV[1])
            return { 'WRITTEN' }
            """);

    private final RedisSpace space;
    private Redis redis;

    DistributedLockTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void connect() {
        space.clear();
        redis = connect(space.uri());
    }

    @AfterEach
    void close() {
        redis.close();
    }

    private Redis connect(String uri) {
        return Redis.connect(new RedisSettings(uri, space.namespace(), TIMEOUT), TIMEOUT);
    }

    private static DistributedLock lock(Redis through, Duration lease) {
        return new DistributedLock(through, "{x}:lock", "{x}:fence", lease);
    }

    private static String write(Redis through, String value, Hold hold) {
        List<String> keys = new ArrayList<>(List.of("{x}:value"));
        keys.addAll(hold.guards());
        return through.eval(WRITE, keys, Args.of(value).add(hold.number()).list()).word();
    }

    @Test
    void oneHasItUntilItIsGivenBack() {
        Hold first = lock(redis, LONG).tryTake().orElseThrow();
        assertThat(lock(redis, LONG).tryTake()).isEmpty();
        assertThat(write(redis, "first", first)).isEqualTo("WRITTEN");
        first.close();

        try (Hold second = lock(redis, LONG).tryTake().orElseThrow()) {
            assertThat(second.number()).isGreaterThan(first.number());
            assertThat(write(redis, "late", first)).isEqualTo("FENCED");
        }
        assertThat(space.server().command("GET", "{x}:value")).isEqualTo("first");
        assertThat(space.server().command("EXISTS", "{x}:lock")).isEqualTo("0");
    }

    @Test
    void ofManyOnManyProcessesOneHasItAtATime() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger holds = new AtomicInteger();
        try (Redis other = connect(space.uri()); ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int caller = 0; caller < 40; caller++) {
                DistributedLock lock = lock(caller % 2 == 0 ? redis : other, LONG);
                all.add(callers.submit(() -> {
                    for (int tries = 0; tries < 100; tries++) {
                        Optional<Hold> taken = lock.tryTake();
                        if (taken.isPresent()) {
                            try (Hold hold = taken.get()) {
                                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                                assertThat(write(redis, Long.toString(hold.number()), hold)).isEqualTo("WRITTEN");
                                holds.incrementAndGet();
                                inside.decrementAndGet();
                            }
                        }
                    }
                }));
            }
            for (Future<?> caller : all) {
                caller.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(most).hasValue(1);
        assertThat(holds).hasValueGreaterThan(10);
    }

    @Test
    void aHoldOutlivesItsLeaseWhileItsHolderDoes() {
        try (Hold hold = lock(redis, SHORT).tryTake().orElseThrow()) {
            await().during(SHORT.multipliedBy(4)).atMost(LONG).until(() -> lock(redis, SHORT).tryTake().isEmpty());
            assertThat(write(redis, "still", hold)).isEqualTo("WRITTEN");
        }
    }

    @Test
    void theLockOfAHolderThatIsGoneRunsOut() {
        Redis gone = connect(space.uri());
        Hold lost = lock(gone, SHORT).tryTake().orElseThrow();
        gone.close();

        await().atMost(LONG).until(() -> space.server().command("EXISTS", "{x}:lock"), "0"::equals);
        assertThat(write(redis, "too late", lost)).as("nobody has it, and so neither has its last holder").isEqualTo("FENCED");
        lock(redis, LONG).tryTake().orElseThrow().close();
    }

    @Test
    void aHolderThatWasPausedNeitherWritesNorGivesBackWhatIsNotItsOwn() throws Exception {
        try (RedisProxy proxy = RedisProxy.to(space.server().port()); Redis paused = connect(proxy.uri())) {
            Hold first = lock(paused, SHORT).tryTake().orElseThrow();
            CompletableFuture<Hold> second = new CompletableFuture<>();
            proxy.once(Point.BEFORE, "too late", Words.GO_ON, () -> {
                // As long as this lasts, nothing of the first holder reaches Redis, its renewals neither.
                await().atMost(LONG).until(() -> space.server().command("EXISTS", "{x}:lock"), "0"::equals);
                second.complete(lock(redis, LONG).tryTake().orElseThrow());
                assertThat(write(redis, "second", second.join())).isEqualTo("WRITTEN");
            });

            assertThat(write(paused, "too late", first)).isEqualTo("FENCED");
            assertThat(space.server().command("GET", "{x}:value")).isEqualTo("second");
            assertThat(first.renew()).isFalse();
            first.close();
            assertThat(lock(redis, LONG).tryTake()).as("the second still has it").isEmpty();
            second.get(1, TimeUnit.SECONDS).close();
        }
    }

    @Test
    void numbersGrowThoughRedisForgetsThem() {
        Hold before = lock(redis, LONG).tryTake().orElseThrow();
        space.server().command("FLUSHALL");
        try (Hold after = lock(redis, LONG).tryTake().orElseThrow()) {
            assertThat(after.number()).isGreaterThan(before.number());
        }
        before.close();
    }

    @Test
    void numbersGrowThoughTheClockGoesBack() {
        String ahead = Long.toString(System.currentTimeMillis() * 1_000 + Duration.ofDays(1).toNanos() / 1_000);
        space.server().command("SET", "{x}:fence", ahead);
        try (Hold hold = lock(redis, LONG).tryTake().orElseThrow()) {
            assertThat(hold.number()).isEqualTo(Long.parseLong(ahead) + 1);
        }
    }
}
