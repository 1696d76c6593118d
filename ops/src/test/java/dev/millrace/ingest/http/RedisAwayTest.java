package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.contract.Contract;
import dev.millrace.ingest.http.Operation.Method;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What producers and readers are told while Redis is gone, silent or full. */
@RealRedis(own = true)
final class RedisAwayTest {
    private static final String SCORE = "{\"player\":\"alice\",\"add\":1}";
    private static final Duration RECOVERY = Duration.ofSeconds(30);

    private final RedisSpace space;
    private final EmbeddedRedis server;
    private RunningApi api;

    RedisAwayTest(RedisSpace space, EmbeddedRedis server) {
        this.space = space;
        this.server = server;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space, Map.of("MILLRACE_REDIS_TIMEOUT", "300ms"), EventHistory.none());
        assertThat(api.post("/v1/scores", SCORE).status()).isEqualTo(202);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aDeadRedisIsToldAtOnceAndForgottenWhenItIsBack() {
        server.kill();

        List<Duration> waits = new ArrayList<>();
        for (int n = 0; n < 9; n++) {
            long begin = System.nanoTime();
            Answer answer = api.post("/v1/scores", SCORE);
            waits.add(Duration.ofNanos(System.nanoTime() - begin));
            unavailable(answer);
            assertThat(answer.json().path("outcome").stringValue()).isIn("not_appended", "unknown");
        }
        assertThat(Collections.max(waits)).isLessThan(Duration.ofSeconds(1));
        unavailable(api.get("/v1/boards/main/top"));
        unavailable(api.get("/v1/clients/acme"));
        assertThat(api.get("/readyz").status()).isEqualTo(503);
        assertThat(api.get("/health").json().at("/details/why").stringValue()).isEqualTo("Redis does not answer");
        assertThat(api.get("/livez").status()).isEqualTo(200);

        server.restart();
        await().atMost(RECOVERY).until(() -> api.get("/readyz").status() == 200);
        assertThat(api.post("/v1/scores", SCORE).status()).isEqualTo(202);
    }

    @Test
    void whoWatchesABoardSeesItGoOnWhenRedisIsBack() {
        HandWrittenBoard board = new HandWrittenBoard(api);
        board.put("alice", 1, 1);
        try (EventStream stream = EventStream.open(api, "/v1/boards/main/stream")) {
            assertThat(stream.next().players()).containsExactly("alice");
            server.kill();
            unavailable(api.post("/v1/scores", SCORE));
            server.restart();
            await().atMost(RECOVERY).until(() -> api.get("/readyz").status() == 200 && api.redis().available());
            board.put("bob", 2, 2);

            assertThat(stream.until(event -> event.players().contains("bob"))).isNotEmpty();
            assertThat(stream.ended()).isFalse();
        }
    }

    @Test
    void everyOperationSaysSoInTheWayThatIsDocumented() {
        server.kill();
        try {
            Map<Integer, Integer> statuses = new TreeMap<>();
            for (Operation operation : Operation.values()) {
                String path = operation.path().replaceAll("\\{\\w+}", "acme");
                boolean body = operation.method() == Method.POST || operation.method() == Method.PATCH;
                for (String key : List.of(api.key(), RunningApi.ADMIN_KEY)) {
                    Answer answer = api.send(api.request(path, key).header("Content-Type", "application/json").method(
                            AccessTest.method(operation), body ? BodyPublishers.ofString("{}") : BodyPublishers.noBody()).build());
                    Contract.check(answer.response());
                    statuses.merge(answer.status(), 1, Integer::sum);
                }
            }
            assertThat(statuses).doesNotContainKeys(500, 504);
            assertThat(statuses.get(503)).isGreaterThan(Operation.values().length / 2);
        } finally {
            server.restart();
        }
    }

    @Test
    void everyPostThatACrashInterruptsIsToldWhatBecameOfIt() throws Exception {
        List<Callable<Void>> posters = new ArrayList<>();
        List<Answer> answers = Collections.synchronizedList(new ArrayList<>());
        AtomicBoolean crashed = new AtomicBoolean();
        for (int poster = 0; poster < 16; poster++) {
            String player = "player-" + poster;
            posters.add(() -> {
                boolean last;
                do {
                    last = crashed.get();
                    answers.add(api.post("/v1/scores", "{\"player\":\"" + player + "\",\"add\":1}"));
                } while (!last);
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(posters.size())) {
            List<Future<Void>> done = posters.stream().map(threads::submit).toList();
            await().until(() -> answers.size() > 200);
            server.kill();
            crashed.set(true);
            for (Future<Void> poster : done) {
                poster.get();
            }
        } finally {
            server.restart();
        }

        assertThat(answers).extracting(Answer::status).containsOnly(202, 503);
        assertThat(answers).filteredOn(answer -> answer.status() == 503).allSatisfy(
                answer -> assertThat(answer.json().path("outcome").stringValue("")).isIn("not_appended", "unknown"));
        long accepted = answers.stream().filter(answer -> answer.status() == 202).count();
        long unknown = answers.stream().filter(answer -> answer.status() == 503)
                .filter(answer -> answer.json().path("outcome").stringValue().equals("unknown")).count();
        await().atMost(RECOVERY).until(() -> api.get("/readyz").status() == 200);
        assertThat(api.queued()).as("the first, the accepted, and perhaps the unknown").isBetween(1 + accepted, 1 + accepted + unknown);
    }

    @Test
    void aSilentRedisIsToldWithinItsTimeOutAndThenAtOnce() {
        server.pause();
        try {
            long begin = System.nanoTime();
            unavailable(api.post("/v1/scores", SCORE));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));

            Answer later = api.post("/v1/scores", SCORE);
            unavailable(later);
            assertThat(later.json().path("outcome").stringValue()).isEqualTo("not_appended");
        } finally {
            server.resume();
        }
        await().atMost(RECOVERY).until(() -> api.get("/readyz").status() == 200);
        assertThat(api.post("/v1/scores", SCORE).status()).isEqualTo(202);
        assertThat(api.queued()).isEqualTo(2);
    }

    @Test
    void aFullRedisTakesNoEventsAndStaysReadable() {
        server.command("CONFIG", "SET", "maxmemory", "1");
        try {
            Answer refused = api.post("/v1/scores", SCORE);

            unavailable(refused);
            assertThat(refused.json().path("outcome").stringValue()).isEqualTo("not_appended");
            assertThat(api.get("/v1/boards/main/top").status()).isEqualTo(200);
            assertThat(api.get("/v1/clients/acme").status()).isEqualTo(200);
        } finally {
            server.command("CONFIG", "SET", "maxmemory", "0");
        }
        await().atMost(RECOVERY).until(() -> api.post("/v1/scores", SCORE).status() == 202);
        assertThat(api.queued()).isEqualTo(2);
    }

    @Test
    void scriptsThatRedisForgotAreSentAgain() {
        server.command("SCRIPT", "FLUSH");

        assertThat(api.post("/v1/scores", SCORE).status()).isEqualTo(202);
        assertThat(api.get("/v1/boards/main/top").status()).isEqualTo(200);
    }

    private static void unavailable(Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.problem()).isEqualTo("unavailable");
        assertThat(answer.header("Retry-After")).isEqualTo("1");
    }
}
