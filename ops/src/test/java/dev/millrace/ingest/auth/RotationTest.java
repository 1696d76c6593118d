package dev.millrace.ingest.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.RedisProxy.Point;
import dev.millrace.ops.testkit.RedisProxy.Words;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.RedisSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two APIs on one Redis. */
@RealRedis
final class RotationTest {
    private static final String KEYS = "/v1/clients/acme/keys";
    /** Authenticates, and asks nothing else of Redis. */
    private static final String WHO = "/v1/events/none";
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Map<String, String> SETTINGS = Map.of("MILLRACE_KEY_GRACE", "5s");

    private final RedisSpace space;
    private RunningApi one;
    private RunningApi other;

    RotationTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        one = RunningApi.start(space, SETTINGS, EventHistory.none());
        other = one.another(SETTINGS);
    }

    @AfterEach
    void stop() {
        other.close();
        one.close();
    }

    private static Answer rotate(RunningApi api) {
        return api.postAs(RunningApi.ADMIN_KEY, KEYS + ":rotate");
    }

    private static int live(RunningApi api) {
        return api.getAs(RunningApi.ADMIN_KEY, KEYS).json().path("items").size();
    }

    private long held() {
        return String.valueOf(space.server().command("KEYS", one.namespace().keys().apiKey("*"))).lines().count();
    }

    @Test
    void ofTwentyCallersOneRotatesAtATimeAndNeverAreThereThreeKeys() throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            String oldest = one.getAs(RunningApi.ADMIN_KEY, KEYS).json().at("/items/0/id").stringValue();
            if (live(one) == 2) {
                assertThat(one.deleteAs(RunningApi.ADMIN_KEY, KEYS + '/' + oldest).status()).isEqualTo(204);
            }
            List<Answer> ofRound = rotateTogether();
            assertThat(ofRound).filteredOn(answer -> answer.status() == 201).hasSize(1);
            answers.addAll(ofRound);
        }

        assertThat(answers).allSatisfy(answer -> assertThat(answer.status() == 201 ? "rotated" : answer.problem()).isIn("rotated",
                "rotation-in-progress", "two-live-keys"));
        assertThat(answers).extracting(Answer::problem).as("those who came too late were told at once").contains("rotation-in-progress");
        assertThat(held()).as("none of the keys is left that were made in vain").isEqualTo(live(other));
    }

    private List<Answer> rotateTogether() throws Exception {
        CountDownLatch together = new CountDownLatch(20);
        List<Future<Answer>> rotations = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(20)) {
            for (int caller = 0; caller < 20; caller++) {
                RunningApi api = caller % 2 == 0 ? one : other;
                rotations.add(callers.submit(() -> {
                    together.countDown();
                    together.await();
                    Answer answer = rotate(api);
                    assertThat(live(api)).isLessThanOrEqualTo(2);
                    return answer;
                }));
            }
            for (Future<Answer> rotation : rotations) {
                answers.add(rotation.get(60, TimeUnit.SECONDS));
            }
        }
        return answers;
    }

    @Test
    void theOldKeyWorksThroughTheGraceAndNotASecondLonger() {
        String old = one.key();
        assertThat(other.getAs(old, WHO).status()).isEqualTo(404);
        Answer rotated = rotate(one);
        assertThat(rotated.status()).isEqualTo(201);
        long created = Instant.parse(rotated.json().path("createdAt").stringValue()).toEpochMilli();
        long end = Instant.parse(rotated.json().at("/before/expiresAt").stringValue()).toEpochMilli();
        assertThat(end - created).isEqualTo(GRACE.toMillis());

        int early = 0;
        int late = 0;
        while (late < 20) {
            for (RunningApi api : List.of(one, other)) {
                long before = redisMs();
                int status = api.getAs(old, WHO).status();
                if (before >= end) {
                    assertThat(status).as("%d ms past the end", before - end).isEqualTo(401);
                    late++;
                } else if (redisMs() < end - 300) {
                    assertThat(status).as("%d ms before the end", end - before).isEqualTo(404);
                    early++;
                }
            }
        }
        assertThat(early).isGreaterThan(5);
        assertThat(other.getAs(rotated.json().path("apiKey").stringValue(), WHO).status()).isEqualTo(404);
        assertThat(live(one)).isEqualTo(1);
        await().atMost(LONG).until(() -> held() == 1);
        assertThat(rotate(other).status()).as("there is room for another now").isEqualTo(201);
    }

    @Test
    void whoWasPausedWhileRotatingChangesNothing() {
        Keyspace keys = one.namespace().keys();
        // So that the script is known to Redis and goes there by its hash.
        assertThat(one.postAs(RunningApi.ADMIN_KEY, "/v1/clients/nobody/keys:rotate").status()).isEqualTo(404);
        String rotateKey = Script.load(ApiKeys.class, "rotate-key").sha1();
        Duration patience = Duration.ofSeconds(10);
        try (RedisProxy proxy = RedisProxy.to(space.server().port());
                Redis through = Redis.connect(new RedisSettings(proxy.uri(), space.namespace(), patience), patience)) {
            List<Answer> meanwhile = new ArrayList<>();
            proxy.once(Point.BEFORE, rotateKey, Words.GO_ON, () -> {
                meanwhile.add(rotate(other));
                await().atMost(LONG).until(() -> space.server().command("EXISTS", keys.clientLock("acme")), "0"::equals);
                meanwhile.add(rotate(other));
            });

            assertThat(new ApiKeys(through, keys, one.settings().door()).rotate("acme", null)).isEqualTo(new Rotation.InProgress());

            assertThat(meanwhile).extracting(Answer::status).containsExactly(409, 201);
            assertThat(meanwhile.getFirst().problem()).isEqualTo("rotation-in-progress");
            assertThat(one.getAs(RunningApi.ADMIN_KEY, KEYS).json().at("/items/1/id")).isEqualTo(meanwhile.getLast().json().path("id"));
            assertThat(live(one)).isEqualTo(2);
            assertThat(held()).isEqualTo(2);
        }
    }

    private long redisMs() {
        String[] time = String.valueOf(space.server().command("TIME")).split("\\s+", 2);
        return Long.parseLong(time[0]) * 1_000 + Long.parseLong(time[1].strip()) / 1_000;
    }
}
