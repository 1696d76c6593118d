package dev.millrace.ingest.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.auth.KeyHash;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.RedisSettings;
import dev.millrace.schema.settings.UserSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis
final class SessionsTest {
    private static final SessionSecrets SECRETS = new SessionSecrets(new KeyHash("the-pepper-of-these-tests-only"));

    private final RedisSpace space;
    private final Keyspace keys;
    private Redis redis;
    private Sessions sessions;

    SessionsTest(RedisSpace space) {
        this.space = space;
        this.keys = new Keyspace(space.namespace());
    }

    @BeforeEach
    void start() {
        space.clear();
        redis = Redis.connect(new RedisSettings(space.uri(), space.namespace(), Duration.ofSeconds(5)), Duration.ofSeconds(5));
        sessions = sessions(Duration.ofHours(1), Duration.ofDays(1));
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private Sessions sessions(Duration idle, Duration max) {
        return new Sessions(redis, keys, SECRETS, new UserSettings(List.of(), Duration.ofMinutes(15), idle, max, null));
    }

    @Test
    void theSecretOpensIt() {
        Sessions.Begun begun = sessions.begin("acme", "ada", "a browser");

        assertThat(begun.secret()).matches("mrs_[A-Za-z0-9_-]{43}");
        assertThat(SessionSecrets.matches(begun.secret())).isTrue();
        Session opened = sessions.open(begun.secret()).orElseThrow();
        assertThat(opened.client()).isEqualTo("acme");
        assertThat(opened.user()).isEqualTo("ada");
        assertThat(opened.agent()).isEqualTo("a browser");
        assertThat(opened.id()).isEqualTo(begun.session().id());
        assertThat(opened.expiresAt()).isEqualTo(begun.session().expiresAt()).isEqualTo(opened.createdAt().plus(Duration.ofDays(1)));
        assertThat(opened.lastSeenAt()).isAfterOrEqualTo(opened.createdAt());
        assertThat(begun.toString()).doesNotContain(begun.secret());
    }

    @Test
    void nothingElseOpensIt() {
        Sessions.Begun begun = sessions.begin("acme", "ada", "");
        String secret = begun.secret();

        assertThat(sessions.open(begun.session().id())).isEmpty();
        assertThat(sessions.open("mrs_" + begun.session().id())).isEmpty();
        assertThat(sessions.open(secret.substring(0, 46) + (secret.endsWith("A") ? 'B' : 'A'))).isEmpty();
        assertThat(new Sessions(redis, keys, new SessionSecrets(new KeyHash("another-pepper-than-before-it")),
                new UserSettings(List.of(), Duration.ofMinutes(15), Duration.ofHours(1), Duration.ofHours(1), null)).open(secret))
                .isEmpty();
    }

    @Test
    void redisNeverHoldsTheSecret() {
        String secret = sessions.begin("acme", "ada", "").secret();
        String everything = space.server().command("EVAL", """
                local all = {}
                for _, key in ipairs(redis.call('KEYS', '*')) do
                  all[#all + 1] = key .. redis.call('DUMP', key)
                end
                return table.concat(all)""", "0");

        assertThat(everything).contains("acme").doesNotContain(secret).doesNotContain(secret.substring("mrs_".length()));
    }

    @Test
    void itEndsWhenNobodyUsesIt() {
        Sessions shortLived = sessions(Duration.ofSeconds(1), Duration.ofDays(1));
        Sessions.Begun begun = shortLived.begin("acme", "ada", "");

        await().until(() -> redis.hgetall(keys.session(begun.session().id())).isEmpty());
        assertThat(shortLived.open(begun.secret())).isEmpty();
        assertThat(Duration.between(begun.session().createdAt(), now())).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(shortLived.list("acme", "ada")).isEmpty();
    }

    @Test
    void useKeepsItAlive() {
        Sessions.Begun begun = sessions.begin("acme", "ada", "");
        String key = keys.session(begun.session().id());
        // As if most of the idle time had passed.
        space.server().command("PEXPIRE", key, "60000");

        Session used = sessions.open(begun.secret()).orElseThrow();

        assertThat(timeLeft(key)).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        assertThat(used.lastSeenAt()).isAfterOrEqualTo(begun.session().createdAt());
        assertThat(used.expiresAt()).as("the end does not move").isEqualTo(begun.session().expiresAt());
    }

    @Test
    void useDoesNotKeepItAliveForEver() {
        Sessions.Begun begun = sessions.begin("acme", "ada", "");
        String key = keys.session(begun.session().id());
        // As if it were a day old but for a minute.
        space.server().command("HSET", key, "until", Long.toString(now().plusSeconds(60).toEpochMilli()));

        assertThat(sessions.open(begun.secret())).isPresent();

        assertThat(timeLeft(key)).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
    }

    @Test
    void itEndsInAnyCase() {
        Sessions shortLived = sessions(Duration.ofSeconds(1), Duration.ofSeconds(1));
        Sessions.Begun begun = shortLived.begin("acme", "ada", "");

        await().pollInterval(Duration.ofMillis(50)).until(() -> shortLived.open(begun.secret()).isEmpty());
        assertThat(now()).isAfterOrEqualTo(begun.session().expiresAt());
    }

    private Duration timeLeft(String key) {
        return Duration.ofMillis(Long.parseLong(String.valueOf(space.server().command("PTTL", key))));
    }

    @Test
    void itIsOverWhenItIsEndedAndForItsOwnerOnly() {
        Sessions.Begun one = sessions.begin("acme", "ada", "one");
        Sessions.Begun two = sessions.begin("acme", "ada", "two");
        sessions.begin("rival", "ada", "three");

        assertThat(sessions.end("rival", "ada", one.session().id())).isFalse();
        assertThat(sessions.end("acme", "bob", one.session().id())).isFalse();
        assertThat(sessions.open(one.secret())).isPresent();
        assertThat(sessions.end("acme", "ada", one.session().id())).isTrue();
        assertThat(sessions.end("acme", "ada", one.session().id())).isFalse();
        assertThat(sessions.open(one.secret())).isEmpty();
        assertThat(sessions.open(two.secret())).isPresent();
        assertThat(sessions.list("acme", "ada")).extracting(Session::agent).containsExactly("two");
        assertThat(sessions.list("rival", "ada")).extracting(Session::agent).containsExactly("three");
    }

    @Test
    void aUserHasSoManyAndTheOldestGivesWay() {
        List<Sessions.Begun> begun = new ArrayList<>();
        for (int n = 0; n < Sessions.MAX; n++) {
            begun.add(sessions.begin("acme", "ada", Integer.toString(n)));
            Instant last = begun.getLast().session().createdAt();
            // The oldest is told by the millisecond.
            await().until(() -> now().isAfter(last));
        }
        assertThat(sessions.open(begun.getFirst().secret())).isPresent();

        sessions.begin("acme", "ada", "one more");

        assertThat(sessions.open(begun.getFirst().secret())).isEmpty();
        assertThat(sessions.open(begun.get(1).secret())).isPresent();
        assertThat(sessions.list("acme", "ada")).hasSize(Sessions.MAX).extracting(Session::agent).startsWith("one more", "31")
                .doesNotContain("0");
    }

    @Test
    void nothingIsLeftBehind() {
        Sessions shortLived = sessions(Duration.ofSeconds(1), Duration.ofSeconds(1));
        shortLived.begin("acme", "ada", "");

        await().until(() -> "0".equals(space.server().command("DBSIZE")));
    }

    @Test
    void theProofThatGoesWithACookieIsTheSessionsOwn() {
        String one = sessions.begin("acme", "ada", "").secret();
        String two = sessions.begin("acme", "ada", "").secret();

        assertThat(SECRETS.isCsrfToken(SECRETS.csrfToken(one), one)).isTrue();
        assertThat(SECRETS.isCsrfToken(SECRETS.csrfToken(two), one)).isFalse();
        assertThat(SECRETS.isCsrfToken(one, one)).isFalse();
        assertThat(SECRETS.isCsrfToken("", one)).isFalse();
    }

    /** By the clock of Redis, which decides. */
    private Instant now() {
        String[] time = String.valueOf(space.server().command("TIME")).split("\n", -1);
        return Instant.ofEpochSecond(Long.parseLong(time[0]), Long.parseLong(time[1]) * 1_000);
    }
}
