package dev.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.Processor;
import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.HandlerContext;
import dev.millrace.processor.effect.OncePostgres;
import dev.millrace.processor.effect.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** From the post of an event of the deployment's own type, through its handler, to what the API says of it: only the real thing. */
@RealRedis
final class EffectsOverHttpTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RedisSpace space;
    private final Orders orders = new Orders();
    private RunningApi api;
    private Processor processor;

    EffectsOverHttpTest(RedisSpace space) {
        this.space = space;
    }

    /** Notes what it was given and when, and fails what it is told to. */
    private static final class Orders implements EffectHandler {
        private final List<String> worked = new CopyOnWriteArrayList<>();
        private final Map<String, Instant> when = new ConcurrentHashMap<>();
        private volatile String failing = "";

        @Override
        public String type() {
            return "order.paid";
        }

        @Override
        public Outcome handle(HandlerContext context) {
            if (context.event().lane().name().equals(failing)) {
                return Outcome.retryAfter(Duration.ofHours(1), "the shop answered 503");
            }
            when.putIfAbsent(context.eventId(), Instant.now());
            worked.add(context.event().lane().name() + ' ' + context.event().data());
            return Outcome.done();
        }
    }

    @BeforeEach
    void start(@TempDir Path types) throws IOException {
        space.clear();
        Files.writeString(types.resolve("order.paid.json"), "{\"type\":\"object\"}");
        api = RunningApi.start(space, Map.of("MILLRACE_TYPES", types.toString()), EventHistory.none());
        startProcessor();
    }

    private void startProcessor() {
        processor = new Processor(api.settings(), List.of(orders), OncePostgres.none(), new SimpleMeterRegistry());
        processor.start();
    }

    @AfterEach
    void stop() {
        processor.stop(Duration.ofSeconds(10));
        api.close();
    }

    @Test
    void anEventOfEachPriorityIsWorked() {
        List<String> ids = List.of(post("a", "high", 1, ""), post("a", "normal", 2, ""), post("a", "low", 3, ""));

        ids.forEach(id -> awaitStatus(id, "completed"));
        assertThat(orders.worked).containsExactlyInAnyOrder("a {\"n\":1}", "a {\"n\":2}", "a {\"n\":3}");
    }

    @Test
    void anEventForLaterIsWorkedWhenItIsDueAndNotBefore() {
        List<String> ids = new ArrayList<>();
        List<Instant> due = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            Answer answer = api.post("/v1/events", body("later", "normal", n, ",\"delay\":\"PT0.8S\""));
            assertThat(answer.json().path("status").stringValue()).isEqualTo("scheduled");
            ids.add(answer.json().path("id").stringValue());
            due.add(Instant.parse(answer.json().path("runAt").stringValue()));
        }

        ids.forEach(id -> awaitStatus(id, "completed"));
        for (int n = 0; n < ids.size(); n++) {
            assertThat(orders.when.get(ids.get(n))).isAfterOrEqualTo(due.get(n));
        }
        assertThat(orders.worked).isEqualTo(IntStream.range(0, 20).mapToObj(n -> "later {\"n\":" + n + '}').toList());
    }

    @Test
    void aScoreForLaterReachesTheBoard() {
        Answer answer = api.post("/v1/events",
                "{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":15},\"delay\":\"PT0.3S\"}");
        awaitStatus(answer.json().path("id").stringValue(), "completed");
        await().atMost(PATIENCE).until(
                () -> api.get("/v1/boards/main/rank/alice").json().path("score").longValue(0) == 15);
    }

    @Test
    void anEventThatWasCancelledIsNeverWorked() {
        String cancelled = post("a", "normal", 1, ",\"delay\":\"PT1.5S\"");
        String kept = post("a", "normal", 2, ",\"delay\":\"PT1.6S\"");
        assertThat(api.delete("/v1/events/" + cancelled).status()).isEqualTo(200);

        awaitStatus(kept, "completed");
        assertThat(orders.worked).containsExactly("a {\"n\":2}");
        assertThat(status(cancelled).path("status").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void aPausedLaneHoldsItsEventsAndNobodyElses() {
        // When a running processor hears of the pause can't be seen from outside, but a new one knows of it before it reads anything.
        processor.stop(Duration.ofSeconds(10));
        assertThat(api.postAs(api.key(), "/v1/lanes/a:pause").status()).isEqualTo(200);
        String first = post("a", "normal", 1, "");
        String second = post("a", "normal", 2, "");
        String other = post("b", "normal", 3, "");
        startProcessor();
        awaitStatus(other, "completed");
        JsonNode lane = api.get("/v1/lanes/a").json();
        assertThat(lane.path("state").stringValue()).isEqualTo("paused");
        assertThat(orders.worked).containsExactly("b {\"n\":3}");
        assertThat(lane.path("depth").longValue()).isEqualTo(2);
        assertThat(lane.path("head").path("id").stringValue()).isEqualTo(first);

        assertThat(api.postAs(api.key(), "/v1/lanes/a:resume").status()).isEqualTo(200);
        awaitStatus(second, "completed");
        assertThat(orders.worked).containsExactly("b {\"n\":3}", "a {\"n\":1}", "a {\"n\":2}");
        assertThat(api.get("/v1/lanes/a").json().path("state").stringValue()).isEqualTo("empty");
    }

    @Test
    void aLaneThatDoesNotMoveSaysWhy() {
        orders.failing = "stuck";
        String head = post("stuck", "high", 1, "");
        post("stuck", "high", 2, "");
        post("stuck", "high", 3, "");

        awaitStatus(head, "retrying");
        JsonNode event = status(head);
        assertThat(event.path("tries").longValue()).isEqualTo(1);
        assertThat(event.path("error").stringValue()).isEqualTo("the shop answered 503");
        assertThat(Instant.parse(event.path("nextTryAt").stringValue())).isAfter(Instant.now().plusSeconds(3_000));
        JsonNode lane = api.get("/v1/lanes/stuck?priority=high").json();
        assertThat(lane.path("state").stringValue()).isEqualTo("retrying");
        assertThat(lane.path("head")).isEqualTo(event);
        assertThat(lane.path("waiting").longValue()).isEqualTo(2);
        assertThat(lane.path("owner").stringValue()).isNotBlank();
        assertThat(lane.path("epoch").longValue()).isPositive();
        JsonNode partition = api.getAs(RunningApi.ADMIN_KEY, "/v1/monitoring/partitions").json().path("items")
                .get(lane.path("partition").intValue());
        assertThat(partition.path("owner")).isEqualTo(lane.path("owner"));
        assertThat(partition.path("lanesInTrouble").longValue()).isEqualTo(1);
        assertThat(partition.at("/deepestLanes/0/lane").stringValue()).isEqualTo("stuck");
    }

    private String post(String lane, String priority, int n, String more) {
        Answer answer = api.post("/v1/events", body(lane, priority, n, more));
        assertThat(answer.status()).isEqualTo(202);
        return answer.json().path("id").stringValue();
    }

    private static String body(String lane, String priority, int n, String more) {
        return "{\"type\":\"order.paid\",\"lane\":\"" + lane + "\",\"priority\":\"" + priority + "\",\"data\":{\"n\":" + n + '}' + more
                + '}';
    }

    private void awaitStatus(String id, String status) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(id).path("status").stringValue()).isEqualTo(status));
    }

    private JsonNode status(String id) {
        return api.get("/v1/events/" + id).json();
    }
}
