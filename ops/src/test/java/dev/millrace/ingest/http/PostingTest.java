package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.IngestApi;
import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis
final class PostingTest {
    private static final String ADD_ONE = "{\"player\":\"alice\",\"add\":1}";

    private final RedisSpace space;
    private RunningApi api;

    PostingTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aPostedEventIsQueuedUnderItsId() {
        Answer answer = api.post("/v1/events", "{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":15}}");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().path("status").stringValue()).isEqualTo("queued");
        assertThat(answer.json().path("lane").stringValue()).isEqualTo("alice");
        assertThat(answer.json().path("partition").intValue()).isEqualTo(api.namespace().partitions().of("acme", "alice"));
        assertThat(answer.header("Location")).isEqualTo("/v1/events/" + answer.json().path("id").stringValue());
        assertThat(answer.header("Idempotency-Replayed")).isEmpty();
        assertThat(api.queued()).isEqualTo(1);
        assertThat(api.get(answer.header("Location")).json().path("status").stringValue()).isEqualTo("queued");
    }

    @Test
    void aPostedScoreIsAnEventToo() {
        Answer answer = api.post("/v1/scores", ADD_ONE);

        assertThat(answer.status()).isEqualTo(202);
        assertThat(api.get(answer.header("Location")).json().path("type").stringValue()).isEqualTo("score.add");
        assertThat(api.metrics().get("millrace_events_admitted_total").tag("type", "score.add").counter().count()).isEqualTo(1);
    }

    @Test
    void aRepeatedPostIsAnsweredAsTheFirstOne() {
        Answer first = api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "\"k 1\"");
        Answer second = api.post("/v1/scores", " { \"add\" : 1, \"player\" : \"alice\" } ", "Idempotency-Key", "k 1");

        assertThat(second.status()).isEqualTo(202);
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(api.queued()).isEqualTo(1);
    }

    @Test
    void anIdInTheEventAndAKeyInTheHeaderAreOneKey() {
        Answer first = api.post("/v1/events", "{\"type\":\"score.add\",\"id\":\"k1\",\"data\":{\"player\":\"alice\",\"value\":1}}");
        Answer second = api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k1");

        assertThat(second.json()).isEqualTo(first.json());
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
    }

    @Test
    void aKeyIsNotGoodForOtherContent() {
        api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k1");

        Answer other = api.post("/v1/scores", "{\"player\":\"alice\",\"add\":2}", "Idempotency-Key", "k1");

        assertThat(other.status()).isEqualTo(422);
        assertThat(other.problem()).isEqualTo("key-reused");
        assertThat(api.queued()).isEqualTo(1);
    }

    @Test
    void keysThatAreNoneAreRefused() {
        for (String key : List.of("", "\"open", "x".repeat(256))) {
            Answer answer = api.post("/v1/scores", ADD_ONE, "Idempotency-Key", key);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.problem()).isEqualTo("invalid-header");
            assertThat(answer.json().at("/errors/0/header").stringValue()).isEqualTo("Idempotency-Key");
        }
        assertThat(api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "a", "Idempotency-Key", "b").status()).isEqualTo(400);
        assertThat(api.queued()).isZero();
    }

    @Test
    void twoHundredEqualPostsToTwoApisAtOnceAppendOneEvent() throws Exception {
        IngestApi second = new IngestApi(api.settings(), new SimpleMeterRegistry(), EventHistory.none());
        second.start();
        List<Answer> answers;
        try (ExecutorService callers = Executors.newFixedThreadPool(32)) {
            List<Integer> ports = List.of(api.port(), second.port());
            List<Future<Answer>> posts = IntStream.range(0, 200)
                    .mapToObj(n -> callers.submit(() -> api.send(HttpRequest
                            .newBuilder(URI.create("http://127.0.0.1:" + ports.get(n % 2) + "/v1/scores")).header("X-Api-Key", api.key())
                            .header("Content-Type", "application/json").header("Idempotency-Key", "once")
                            .POST(BodyPublishers.ofString(ADD_ONE)).build())))
                    .toList();
            answers = new ArrayList<>();
            for (Future<Answer> post : posts) {
                answers.add(post.get());
            }
        } finally {
            second.stop(Duration.ofSeconds(5));
        }

        assertThat(answers).extracting(Answer::status).containsOnly(202);
        assertThat(answers).extracting(Answer::json).containsOnly(answers.getFirst().json());
        assertThat(answers).filteredOn(answer -> answer.header("Idempotency-Replayed").isEmpty()).hasSize(1);
        assertThat(api.queued()).isEqualTo(1);
    }

    @Test
    void fullLanesQueuesAndWindowsAnswer429() {
        api.close();
        api = RunningApi.start(new RedisSpace(space.server(), space.namespace() + "-small"),
                Map.of("MILLRACE_LANE_MAX", "2", "MILLRACE_QUEUE_MAX", "3", "MILLRACE_DEDUPE_MAX", "1"), EventHistory.none());
        String neighbour = IntStream.range(0, 1_000).mapToObj(n -> "p" + n)
                .filter(name -> api.namespace().partitions().of("acme", name) == api.namespace().partitions().of("acme", "alice"))
                .findFirst()
                .orElseThrow();
        String neighbours = "{\"player\":\"" + neighbour + "\",\"add\":1}";

        assertThat(api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "1").status()).isEqualTo(202);
        refused(api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "2"), "dedupe-full");
        assertThat(api.post("/v1/scores", ADD_ONE).status()).isEqualTo(202);
        refused(api.post("/v1/scores", ADD_ONE), "lane-full");
        assertThat(api.post("/v1/scores", neighbours).status()).isEqualTo(202);
        refused(api.post("/v1/scores", neighbours), "queue-full");
        assertThat(api.metrics().get("millrace_events_refused_total").tag("problem", "lane-full").counter().count()).isEqualTo(1);
    }

    private static void refused(Answer answer, String problem) {
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 3_600);
    }
}
