package dev.millrace.ingest.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.DoorSettings;
import dev.millrace.schema.settings.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two processes' worth of authentication on one Redis. */
@RealRedis(own = true)
final class KeyCacheTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int TRIALS = 300;

    private final RedisSpace space;
    private final EmbeddedRedis server;
    private final Keyspace keys;
    private final DoorSettings settings;
    private Redis here;
    private Redis there;
    private Clients clients;
    private ApiKeys apiKeys;
    private Authentication one;
    private Authentication other;

    KeyCacheTest(RedisSpace space, EmbeddedRedis server) {
        this.space = space;
        this.server = server;
        this.keys = new Keyspace(space.namespace());
        this.settings = RunningApi.settings(space, Map.of()).door();
    }

    @BeforeEach
    void connect() {
        space.clear();
        Settings all = RunningApi.settings(space, Map.of());
        here = Redis.connect(all.redis(), TIMEOUT);
        there = Redis.connect(all.redis(), TIMEOUT);
        clients = new Clients(here, keys, settings);
        apiKeys = new ApiKeys(here, keys, settings);
        one = new Authentication(here, keys, settings);
        other = new Authentication(there, keys, settings);
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private String create(String client) {
        return clients.create(client, client, "gold", Scope.BY_DEFAULT, Registration.CLOSED).orElseThrow();
    }

    private String onlyKey(String client) {
        return apiKeys.list(client).orElseThrow().getFirst().id();
    }

    /** Asks until answers come from this process. */
    private void warm(Authentication authentication, String key) {
        await().pollInterval(Duration.ofMillis(5)).atMost(LONG).until(() -> {
            assertThat(authentication.holder(key)).isPresent();
            long before = reads();
            return authentication.holder(key).isPresent() && reads() == before;
        });
    }

    private long reads() {
        return commands().entrySet().stream().filter(command -> Set.of("get", "hgetall").contains(command.getKey()))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private Map<String, Long> commands() {
        return Pattern.compile("cmdstat_([^:]+):calls=(\\d+)").matcher(String.valueOf(server.command("INFO", "commandstats"))).results()
                .collect(Collectors.toMap((MatchResult found) -> found.group(1), found -> Long.parseLong(found.group(2))));
    }

    @Test
    void aKeyInUseIsKnownWithoutACommand() {
        String key = create("acme");
        warm(one, key);
        server.command("CONFIG", "RESETSTAT");

        for (int n = 0; n < 5_000; n++) {
            assertThat(one.holder(key)).containsInstanceOf(Caller.Client.class);
        }

        assertThat(commands().keySet()).as("but for the time, which is asked for whether anyone calls or not")
                .isSubsetOf("time", "config|resetstat", "info");
        assertThat(one.holder(key).orElseThrow()).isInstanceOfSatisfying(Caller.Client.class, caller -> {
            assertThat(caller.client()).isEqualTo("acme");
            assertThat(caller.tier()).isEqualTo("gold");
            assertThat(caller.scopes()).isEqualTo(Scope.BY_DEFAULT);
        });
    }

    @Test
    void aKeyThatIsNobodysIsAskedForOnce() {
        String nobodys = ApiKeyFormat.generate("live", new Random(7));
        assertThat(one.holder(nobodys)).isEmpty();
        server.command("CONFIG", "RESETSTAT");

        for (int n = 0; n < 5_000; n++) {
            assertThat(one.holder(nobodys)).isEmpty();
        }

        assertThat(reads()).isZero();
    }

    @Test
    void aRevokedKeyIsRefusedEverywhereWithin100Milliseconds() {
        Duration slowest = Duration.ZERO;
        for (int trial = 0; trial < TRIALS; trial++) {
            String client = "client-" + trial;
            String key = create(client);
            warm(other, key);
            assertThat(one.holder(key)).isPresent();

            assertThat(apiKeys.revoke(client, onlyKey(client), true)).isEqualTo(Revocation.REVOKED);
            long begin = System.nanoTime();
            while (other.holder(key).isPresent() || one.holder(key).isPresent()) {
                Thread.onSpinWait();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            slowest = took.compareTo(slowest) > 0 ? took : slowest;
        }
        assertThat(slowest).isLessThan(Duration.ofMillis(100));
    }

    @Test
    void aRevocationThatCouldNotBeToldIsFoundOut() {
        String key = create("acme");
        String id = onlyKey("acme");
        warm(other, key);

        server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await().atMost(LONG).ignoreException(RedisUnavailableException.class)
                .until(() -> apiKeys.revoke("acme", id, true) == Revocation.REVOKED);

        await().pollInterval(Duration.ofMillis(1)).atMost(LONG).until(() -> other.holder(key).isEmpty());
    }

    @Test
    void whileRedisIsAwayKnownKeysAreKnownAndOthersCanNotBe() {
        String known = create("known");
        String unknown = create("unknown");
        warm(one, known);
        server.kill();
        try {
            await().atMost(LONG).until(() -> !here.available());
            assertThat(one.holder(known)).isPresent();
            assertThatThrownBy(() -> one.holder(unknown)).isInstanceOf(RedisUnavailableException.class);
            assertThat(one.holder("mr_live_mistyped")).isEmpty();
            assertThat(one.holder(RunningApi.ADMIN_KEY)).contains(new Caller.Admin());
        } finally {
            server.restart();
        }
        await().atMost(LONG).until(() -> here.available() && one.holder(unknown).isPresent());
    }

    @Test
    void whatIsLeftOfAKeyThatNeverCameToBeOpensNothing() {
        String key = ApiKeyFormat.generate("live", new Random(8));
        server.command("SET", keys.apiKey(new KeyHash(settings.keyPepper()).of(key)), "acme 0123456789");
        create("acme");

        assertThat(one.holder(key)).isEmpty();
    }
}
