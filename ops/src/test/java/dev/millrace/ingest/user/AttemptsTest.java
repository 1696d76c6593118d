package dev.millrace.ingest.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.RedisSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis
final class AttemptsTest {
    private static final String HOME = "192.0.2.7";

    private final RedisSpace space;
    private final Keyspace keys;
    private Redis redis;
    private Attempts attempts;

    AttemptsTest(RedisSpace space) {
        this.space = space;
        this.keys = new Keyspace(space.namespace());
    }

    @BeforeEach
    void start() {
        space.clear();
        redis = Redis.connect(new RedisSettings(space.uri(), space.namespace(), Duration.ofSeconds(5)), Duration.ofSeconds(5));
        attempts = new Attempts(redis, keys);
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    @Test
    void aFewFailuresAreFreeThenEachDoublesTheWaitUpToAMinute() {
        for (int n = 0; n < Attempts.FREE_AT_ACCOUNT; n++) {
            assertThat(fail("ada")).as("try %d", n).isZero();
        }
        for (int seconds : new int[]{1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            assertThat(delay(keys.userFailures("acme", "ada", HOME))).isBetween(Duration.ofSeconds(seconds).minusMillis(2),
                    Duration.ofSeconds(seconds).plusMillis(2));
            letTimePass(keys.userFailures("acme", "ada", HOME));
            assertThat(fail("ada")).isZero();
        }
    }

    @Test
    void waitingInVainDoesNotMakeTheWaitLonger() {
        failOften("ada", Attempts.FREE_AT_ACCOUNT);
        String before = delayFor50Seconds(keys.userFailures("acme", "ada", HOME));
        for (int n = 0; n < 10; n++) {
            assertThat(fail("ada")).isBetween(Duration.ofMillis(1), Duration.ofSeconds(51));
        }
        assertThat(space.server().command("HGETALL", keys.userFailures("acme", "ada", HOME))).isEqualTo(before);
    }

    @Test
    void othersDoNotWaitForIt() {
        failOften("ada", Attempts.FREE_AT_ACCOUNT);

        assertThat(fail("bob")).isZero();
        assertThat(attempts.begin(HOME, "rival", "ada")).as("another client's user of that name").isZero();
    }

    @Test
    void anAddressThatFailsAtManyAccountsWaitsForAllOfThem() {
        for (int n = 0; n < Attempts.FREE_OF_ADDRESS; n++) {
            assertThat(fail("user-" + n)).isZero();
        }

        delayFor50Seconds(keys.addressFailures(HOME));
        assertThat(fail("user-x")).isPositive();
        assertThat(attempts.begin(HOME)).isPositive();
        assertThat(attempts.begin("192.0.2.8", "acme", "user-x")).as("the account did not pay for the address").isZero();
        assertThat(space.server().command("HGET", keys.userFailures("acme", "user-x"), "count")).isEqualTo("1");
    }

    @Test
    void nobodyWaitsForWhoGuessesFromElsewhere() {
        failOften("ada", Attempts.FREE_AT_ACCOUNT);
        delayFor50Seconds(keys.userFailures("acme", "ada", HOME));

        assertThat(fail("ada")).isPositive();
        assertThat(attempts.begin("198.51.100.9", "acme", "ada")).isZero();
    }

    @Test
    void manyAddressesTogetherHaveToWaitAtAnAccount() {
        for (int n = 0; n < Attempts.FREE_OF_ACCOUNT; n++) {
            assertThat(attempts.begin("192.0.2." + n, "acme", "ada")).as("try %d", n).isZero();
        }
        delayFor50Seconds(keys.userFailures("acme", "ada"));

        assertThat(attempts.begin("198.51.100.9", "acme", "ada")).isPositive();
        for (String given : List.of(keys.addressFailures("198.51.100.9"), keys.userFailures("acme", "ada", "198.51.100.9"))) {
            assertThat(count(given)).as("given back to %s", given).isEqualTo("0");
        }
    }

    @Test
    void whoHasToWaitForTheAccountDoesNotPayForTheAddress() {
        failOften("ada", Attempts.FREE_AT_ACCOUNT);
        delayFor50Seconds(keys.userFailures("acme", "ada", HOME));
        for (int n = 0; n < 2 * Attempts.FREE_OF_ADDRESS; n++) {
            assertThat(fail("ada")).isPositive();
        }
        assertThat(count(keys.addressFailures(HOME))).isEqualTo("5");
    }

    @Test
    void failuresFadeThoughOthersGoOnToComeFromThere() {
        for (int n = 0; n < Attempts.FREE_OF_ADDRESS; n++) {
            assertThat(fail("user-" + n)).isZero();
        }
        long fiveMinutesAgo = Instant.now().minusSeconds(330).toEpochMilli();
        space.server().command("HSET", keys.addressFailures(HOME), "until", "0", "faded", Long.toString(fiveMinutesAgo));
        assertThat(fail("user-x")).isZero();
        assertThat(count(keys.addressFailures(HOME))).isEqualTo("16");

        space.server().command("HSET", keys.addressFailures(HOME), "faded", "0");
        assertThat(fail("user-y")).isZero();
        assertThat(count(keys.addressFailures(HOME))).isEqualTo("1");
    }

    @Test
    void whoSucceedsDelaysNobody() {
        for (int n = 0; n < Attempts.FREE_OF_ADDRESS + 5; n++) {
            assertThat(fail("user-" + n)).isZero();
            space.server().command("HSET", keys.addressFailures(HOME), "until", "0");
        }
        for (int n = 0; n < 3; n++) {
            assertThat(fail("own")).isZero();
            attempts.succeeded(HOME, "acme", "own");
        }
    }

    @Test
    void successClearsTheAccountButOnlyItsOwnTryOfTheAddress() {
        failOften("ada", Attempts.FREE_AT_ACCOUNT - 1);
        assertThat(fail("ada")).isZero();
        attempts.succeeded(HOME, "acme", "ada");

        assertThat(fail("ada")).as("the account begins anew").isZero();
        assertThat(space.server().command("HGET", keys.addressFailures(HOME), "count")).isEqualTo("5");
    }

    @Test
    void whoHasAnAccountCanNotGuessAtOthersWithoutEnd() {
        for (int n = 0; n < 10; n++) {
            assertThat(fail("victim-" + n)).isZero();
            assertThat(fail("own")).isZero();
            attempts.succeeded(HOME, "acme", "own");
        }
        assertThat(space.server().command("HGET", keys.addressFailures(HOME), "count")).isEqualTo("10");
    }

    @Test
    void whatCameToNothingDoesNotCount() {
        for (int n = 0; n < 3 * Attempts.FREE_OF_ADDRESS; n++) {
            assertThat(fail("ada")).as("try %d", n).isZero();
            attempts.abandoned(HOME, "acme", "ada");
        }
    }

    @Test
    void manyAtOnceAreNoWayAround() throws Exception {
        List<Duration> waits = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Duration>> tries = new ArrayList<>();
            for (int n = 0; n < 64; n++) {
                tries.add(callers.submit(() -> fail("ada")));
            }
            for (Future<Duration> one : tries) {
                waits.add(one.get());
            }
        }
        // A few more on a machine so slow that seconds pass meanwhile.
        assertThat(waits.stream().filter(Duration::isZero).count()).isBetween((long) Attempts.FREE_AT_ACCOUNT,
                Attempts.FREE_AT_ACCOUNT + 4L);
    }

    @Test
    void failuresAreForgottenAfterAnHour() {
        fail("ada");
        for (String key : List.of(keys.userFailures("acme", "ada"), keys.userFailures("acme", "ada", HOME), keys.addressFailures(HOME))) {
            assertThat(Long.parseLong(String.valueOf(space.server().command("PTTL", key)))).isBetween(3_590_000L, 3_600_000L);
        }
    }

    private Duration fail(String user) {
        return attempts.begin(HOME, "acme", user);
    }

    private void failOften(String user, int times) {
        for (int n = 0; n < times; n++) {
            assertThat(fail(user)).isZero();
        }
    }

    /** For how long the latest try delays the next one, whatever time has passed since: its memory and its delay began together. */
    private Duration delay(String key) {
        return Duration.ofMillis(Long.parseLong(String.valueOf(space.server().command("EVAL", """
                local time = redis.call('TIME')
                local now = time[1] * 1000 + math.floor(time[2] / 1000)
                local begun = now - (3600000 - redis.call('PTTL', KEYS[1]))
                return string.format('%.0f', redis.call('HGET', KEYS[1], 'until') - begun)""", "1", key))));
    }

    private String count(String key) {
        return String.valueOf(space.server().command("HGET", key, "count"));
    }

    private String delayFor50Seconds(String key) {
        space.server().command("HSET", key, "until", Long.toString(Instant.now().plusSeconds(50).toEpochMilli()));
        return String.valueOf(space.server().command("HGETALL", key));
    }

    private void letTimePass(String key) {
        space.server().command("HSET", key, "until", "0");
        // The address has its own count, which is not what is looked at here.
        space.server().command("DEL", keys.addressFailures(HOME));
    }
}
