package dev.millrace.ingest.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.limit.Charged.Level;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.LimitRule;
import dev.millrace.schema.settings.LimitRule.Algorithm;
import dev.millrace.schema.settings.LimitRule.Scope;
import dev.millrace.schema.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script against a plain model, at the times that Redis's own clock gave. Windows are short, so that round trips are time enough. */
@RealRedis
final class ChargingTest {
    private static final int CALLS = 1_500;
    private static final List<Algorithm> ALGORITHMS = List.of(Algorithm.values());

    private final RedisSpace space;
    private Redis redis;
    private Keyspace keys;
    private Charging charging;

    ChargingTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void connect() {
        space.clear();
        redis = Redis.connect(Settings.read(Map.of("REDIS_URL", space.uri())).redis(), Duration.ofSeconds(5));
        keys = new Keyspace(space.namespace());
        charging = new Charging(redis);
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anyScheduleOfAnyRulesGoesAsTheModelHasIt(long seed) {
        Random random = new Random(seed);
        List<Rule> rules = new ArrayList<>();
        List<BucketModel> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            LimitRule limit = randomRule("r" + i, random);
            rules.add(Rule.of(limit));
            models.add(BucketModel.of(limit));
        }
        int granted = 0;
        int refused = 0;
        for (int call = 0; call < CALLS; call++) {
            List<Integer> chosen = someOf(rules.size(), random);
            int requests = 1 + random.nextInt(3);

            Charged charged = charge(buckets(chosen.stream().map(rules::get).toList()), requests);

            List<BucketModel> asked = chosen.stream().map(models::get).toList();
            int expected = 0;
            while (expected < requests && asked.stream().allMatch(model -> model.left(charged.atMicros()) > 0)) {
                asked.forEach(model -> model.charge(charged.atMicros()));
                expected++;
            }
            assertThat(charged.requests()).as("call %d of seed %d", call, seed).isEqualTo(expected);
            assertThat(charged.levels()).as("call %d of seed %d", call, seed).isEqualTo(asked.stream()
                    .map(model -> new Level(model.left(charged.atMicros()), model.waitMicros(charged.atMicros()))).toList());
            granted += expected;
            refused += requests - expected;
        }
        assertThat(granted).as("the schedule grants").isPositive();
        assertThat(refused).as("the schedule refuses").isPositive();
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void noWindowEverHoldsMoreThanItPromises(Algorithm algorithm) {
        LimitRule limit = new LimitRule("only", Scope.CLIENT, algorithm, 7, Duration.ofMillis(20),
                algorithm == Algorithm.TOKEN_BUCKET ? 12 : 7, Set.of(), null, Set.of());
        Buckets buckets = buckets(List.of(Rule.of(limit)));
        List<Long> times = new ArrayList<>();
        for (int call = 0; call < 3_000; call++) {
            Charged charged = charge(buckets, 2);
            times.addAll(Collections.nCopies(charged.requests(), charged.atMicros()));
        }

        long window = limit.windowMicros();
        Map<Long, Integer> byWindow = new HashMap<>();
        times.forEach(time -> byWindow.merge(time / window, 1, Integer::sum));
        int busiest = 0;
        for (int from = 0; from < times.size(); from++) {
            int to = from;
            while (to < times.size() && times.get(to) < times.get(from) + window) {
                to++;
            }
            busiest = Math.max(busiest, to - from);
        }
        assertThat(byWindow).hasSizeGreaterThan(5);
        assertThat(times).as("what was granted of 6,000").hasSizeLessThan(6_000);
        switch (algorithm) {
            case FIXED_WINDOW -> assertThat(byWindow.values()).allMatch(count -> count <= 7);
            case SLIDING_WINDOW -> assertThat(busiest).isLessThanOrEqualTo(7);
            case TOKEN_BUCKET -> {
                assertThat(busiest).isLessThanOrEqualTo(12 + 7);
                assertThat((long) times.size()).isLessThanOrEqualTo(12 + (times.getLast() - times.getFirst()) * 7 / window + 1);
            }
        }
    }

    @Test
    void aRefusalChargesNoBucketAtAll() {
        LimitRule narrow = rule("narrow", Algorithm.FIXED_WINDOW, 2);
        for (Algorithm algorithm : Algorithm.values()) {
            space.clear();
            LimitRule wide = rule("wide", algorithm, 10);
            Buckets both = buckets(List.of(Rule.of(wide), Rule.of(narrow)));

            assertThat(charge(both, 5).requests()).isEqualTo(2);
            Charged refused = charge(both, 5);

            assertThat(refused.requests()).isZero();
            assertThat(refused.levels()).extracting(Level::left).containsExactly(8L, 0L);
            assertThat(charge(buckets(List.of(Rule.of(wide))), 10).requests()).isEqualTo(8);
        }
    }

    @Test
    void bucketsGoWhenTheyCountNothingAnyMore() {
        for (Algorithm algorithm : Algorithm.values()) {
            LimitRule limit = new LimitRule("short", Scope.CLIENT, algorithm, 5, Duration.ofMillis(50), 5, Set.of(), null, Set.of());
            charge(buckets(List.of(Rule.of(limit))), 5);
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> "0".equals(space.server().command("DBSIZE")));
    }

    @Test
    void aRuleOfAnotherFormCountsInAnotherBucket() {
        charge(buckets(List.of(Rule.of(rule("limit", Algorithm.SLIDING_WINDOW, 5)))), 5);

        assertThat(charge(buckets(List.of(Rule.of(rule("limit", Algorithm.TOKEN_BUCKET, 5)))), 5).requests()).isEqualTo(5);
        assertThat(charge(buckets(List.of(Rule.of(rule("limit", Algorithm.SLIDING_WINDOW, 7)))), 5).requests()).isEqualTo(2);
    }

    private Charged charge(Buckets buckets, int requests) {
        return redis.await(charging.charge(buckets, requests));
    }

    private Buckets buckets(List<Rule> rules) {
        return new Buckets(rules, rules.stream().map(rule -> keys.clientBucket("acme", rule.bucket())).toList());
    }

    private static LimitRule rule(String name, Algorithm algorithm, int quota) {
        return new LimitRule(name, Scope.CLIENT, algorithm, quota, Duration.ofDays(1), quota, Set.of(), null, Set.of());
    }

    private static LimitRule randomRule(String name, Random random) {
        Algorithm algorithm = ALGORITHMS.get(random.nextInt(ALGORITHMS.size()));
        int quota = 1 + random.nextInt(30);
        int burst = algorithm == Algorithm.TOKEN_BUCKET ? 1 + random.nextInt(40) : quota;
        return new LimitRule(name, Scope.CLIENT, algorithm, quota, Duration.ofMillis(10 + random.nextInt(40)), burst, Set.of(), null,
                Set.of());
    }

    private static List<Integer> someOf(int count, Random random) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(i);
        }
        Collections.shuffle(all, random);
        return List.copyOf(all.subList(0, 1 + random.nextInt(count)));
    }
}
