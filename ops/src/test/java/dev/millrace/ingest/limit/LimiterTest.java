package dev.millrace.ingest.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.limit.Limiter.Asked;
import dev.millrace.ingest.limit.Limiter.WhileAway;
import dev.millrace.ingest.limit.Ruling.Standing;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.LimitRule;
import dev.millrace.schema.settings.LimitRule.Algorithm;
import dev.millrace.schema.settings.LimitRule.Scope;
import dev.millrace.schema.settings.Limits;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@RealRedis(own = true)
final class LimiterTest {
    private static final Asked ACME = new Asked("acme", "standard", null, "post-score", null);
    private static final int CALLERS = 200;

    private final RedisSpace space;
    private final EmbeddedRedis server;
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final List<Redis> connections = new ArrayList<>();

    LimiterTest(RedisSpace space, EmbeddedRedis server) {
        this.space = space;
        this.server = server;
    }

    @BeforeEach
    void clear() {
        space.clear();
    }

    @AfterEach
    void close() {
        connections.forEach(Redis::close);
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void manyAtOnceOnSeveralProcessesGetExactlyWhatThereIs(Algorithm algorithm) throws Exception {
        Limits limits = limits(rule("only", Scope.CLIENT, algorithm, 50));
        List<Limiter> processes = List.of(limiter(limits), limiter(limits));

        List<Ruling> rulings = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Ruling>> checks = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Limiter limiter = processes.get(i % processes.size());
                checks.add(callers.submit(() -> limiter.check(ACME, WhileAway.REFUSE)));
            }
            for (Future<Ruling> check : checks) {
                rulings.add(check.get());
            }
        }

        assertThat(rulings).filteredOn(Ruling::granted).flatExtracting(Ruling::standings).extracting(Standing::left)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 50).boxed().toList());
        assertThat(rulings).filteredOn(ruling -> !ruling.granted()).hasSize(CALLERS - 50)
                .allSatisfy(
                        ruling -> assertThat(ruling.violated()).extracting(standing -> standing.rule().name()).containsExactly("only"));
        assertThat(charges()).as("calls that were shared").isLessThan(CALLERS);
    }

    @Test
    void rulesAreForTheirTiersPrioritiesAndRoutes() {
        Limiter limiter = limiter(new Limits(Map.of("free", Priority.LOW, "gold", Priority.HIGH), List.of(
                rule("of-free", Scope.CLIENT, Set.of("free"), null, Set.of()),
                rule("of-high", Scope.CLIENT, Set.of(), Priority.HIGH, Set.of()),
                rule("of-normal", Scope.CLIENT, Set.of(), Priority.NORMAL, Set.of()),
                rule("of-posts", Scope.ROUTE, Set.of(), null, Set.of("post-score")))));

        assertThat(names(limiter, "free", "get-event")).containsExactly("of-free");
        assertThat(names(limiter, "gold", "get-event")).containsExactly("of-high");
        assertThat(names(limiter, "high", "post-score")).containsExactly("of-high", "of-posts");
        assertThat(names(limiter, "standard", "post-score")).containsExactly("of-normal", "of-posts");
    }

    @Test
    void everyScopeTellsItsOwnApart() {
        Limiter limiter = limiter(limits(rule("per-client", Scope.CLIENT, Algorithm.FIXED_WINDOW, 100),
                rule("per-user", Scope.USER, Algorithm.SLIDING_WINDOW, 100), rule("per-route", Scope.ROUTE, Algorithm.TOKEN_BUCKET, 100),
                rule("per-region", Scope.REGION, Algorithm.FIXED_WINDOW, 100)));

        assertThat(left(limiter, new Asked("acme", "", "alice", "board-top", "EU")))
                .isEqualTo("per-client 99, per-user 99, per-route 99, per-region 99");
        assertThat(left(limiter, new Asked("acme", "", "alice", "board-rank", "US")))
                .isEqualTo("per-client 98, per-user 98, per-route 99, per-region 99");
        assertThat(left(limiter, new Asked("acme", "", "bob", "board-top", "EU")))
                .isEqualTo("per-client 97, per-user 99, per-route 98, per-region 98");
        assertThat(left(limiter, new Asked("acme", "", null, "board-top", null))).isEqualTo("per-client 96, per-route 97");
        assertThat(left(limiter, new Asked("other", "", "alice", "board-top", "EU")))
                .isEqualTo("per-client 99, per-user 99, per-route 99, per-region 99");
    }

    @Test
    void addressesAreToldApartAndNetworksOfVersionSixAreNot() {
        Limiter limiter = limiter(limits(rule("address", Scope.IP, Algorithm.FIXED_WINDOW, 2)));

        assertThat(granted(limiter, "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")).containsExactly(true, true, false, true);
        assertThat(granted(limiter, "2001:db8::1", "2001:db8::ffff:2", "2001:db8::3", "2001:db8:0:1::1")).containsExactly(true, true, false,
                true);
        assertThat(limiter.check(ACME, WhileAway.REFUSE).standings()).isEmpty();
    }

    @Test
    void aRequestThatNoRuleIsForCostsNoCall() {
        Limiter limiter = limiter(limits(rule("per-user", Scope.USER, Algorithm.FIXED_WINDOW, 1)));

        assertThat(limiter.check(ACME, WhileAway.REFUSE)).isEqualTo(new Ruling(true, List.of()));
        assertThat(charges()).isZero();
    }

    @Test
    void whileRedisIsAwayReadsAreCountedHereAndAppendsAreNot() {
        Limiter limiter = limiter(limits(rule("only", Scope.CLIENT, Algorithm.SLIDING_WINDOW, 3)));
        assertThat(limiter.check(ACME, WhileAway.COUNT_LOCALLY).granted()).isTrue();
        server.kill();
        try {
            List<Boolean> granted = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                granted.add(limiter.check(ACME, WhileAway.COUNT_LOCALLY).granted());
            }

            assertThat(granted).containsExactly(true, true, true, false, false);
            assertThat(metrics.get("millrace_limits_local_total").counter().count()).isEqualTo(5);
            assertThatThrownBy(() -> limiter.check(ACME, WhileAway.REFUSE)).isInstanceOf(RedisUnavailableException.class);
        } finally {
            server.restart();
        }
        await().atMost(Duration.ofSeconds(30)).until(connections.getFirst()::available);
        assertThat(limiter.check(ACME, WhileAway.REFUSE).granted()).isTrue();
    }

    @Test
    void aSilentRedisHoldsUpNobodyForLongerThanItsTimeOut() throws Exception {
        Limiter limiter = limiter(limits(rule("only", Scope.CLIENT, Algorithm.TOKEN_BUCKET, 1_000)));
        limiter.check(ACME, WhileAway.REFUSE);
        server.pause();
        long begin = System.nanoTime();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Ruling>> checks = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                checks.add(callers.submit(() -> limiter.check(ACME, WhileAway.COUNT_LOCALLY)));
            }
            for (Future<Ruling> check : checks) {
                assertThat(check.get().granted()).isTrue();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(2_500));
        } finally {
            server.resume();
        }
    }

    private List<String> names(Limiter limiter, String tier, String route) {
        return limiter.check(new Asked("acme", tier, null, route, null), WhileAway.REFUSE).standings().stream()
                .map(standing -> standing.rule().name()).toList();
    }

    private static String left(Limiter limiter, Asked asked) {
        return String.join(", ", limiter.check(asked, WhileAway.REFUSE).standings().stream()
                .map(standing -> standing.rule().name() + ' ' + standing.left()).toList());
    }

    private static List<Boolean> granted(Limiter limiter, String... addresses) {
        return List.of(addresses).stream()
                .map(address -> limiter.check(InetAddress.ofLiteral(address), "post-score", WhileAway.REFUSE).granted()).toList();
    }

    private long charges() {
        return String.valueOf(server.command("INFO", "commandstats")).lines().filter(line -> line.matches("cmdstat_eval(sha)?:.*"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*calls=([0-9]+),.*failed_calls=([0-9]+).*", "$1"))).sum();
    }

    private Limiter limiter(Limits limits) {
        server.command("CONFIG", "RESETSTAT");
        Redis redis = Redis.connect(
                Settings.read(Map.of("REDIS_URL", space.uri(), "MILLRACE_REDIS_TIMEOUT", "500ms")).redis(), Duration.ofMillis(500));
        connections.add(redis);
        return new Limiter(redis, new Keyspace(space.namespace()), limits, metrics);
    }

    private static Limits limits(LimitRule... rules) {
        return new Limits(Map.of(), List.of(rules));
    }

    private static LimitRule rule(String name, Scope scope, Algorithm algorithm, int quota) {
        return new LimitRule(name, scope, algorithm, quota, Duration.ofDays(31), quota, Set.of(), null, Set.of());
    }

    private static LimitRule rule(String name, Scope scope, Set<String> tiers, Priority priority, Set<String> routes) {
        return new LimitRule(name, scope, Algorithm.FIXED_WINDOW, 100, Duration.ofDays(31), 100, tiers, priority, routes);
    }
}
