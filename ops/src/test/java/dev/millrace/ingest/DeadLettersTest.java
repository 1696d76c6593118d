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
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.settings.Policy;
import dev.millrace.schema.settings.Policy.AfterDead;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Dead letters from the death of an event to what a person does about it, with everything real in between. */
@RealRedis
final class DeadLettersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String GOES_ON = "order.paid";
    private static final String HOLDS = "job.print";

    private final RedisSpace space;
    private final Orders goOn = new Orders(GOES_ON, AfterDead.CONTINUE);
    private final Orders hold = new Orders(HOLDS, AfterDead.BLOCK);
    private Path types;
    private RunningApi api;
    private Processor processor;

    DeadLettersTest(RedisSpace space) {
        this.space = space;
    }

    /** Notes what it was given, and fails what it is told to. */
    private record Orders(String type, AfterDead afterDead, List<String> worked, Set<String> failing) implements EffectHandler {
        Orders(String type, AfterDead afterDead) {
            this(type, afterDead, new CopyOnWriteArrayList<>(), ConcurrentHashMap.newKeySet());
        }

        @Override
        public Policy policy() {
            return new Policy(2, 2, Duration.ofSeconds(10), 16, Duration.ofMillis(5), Duration.ofMillis(10), afterDead, List.of());
        }

        @Override
        public Outcome handle(HandlerContext context) {
            String data = context.event().data();
            if (failing.contains(data)) {
                return Outcome.retry("the shop answered 503");
            }
            worked.add(context.event().lane().name() + ' ' + data + ' ' + context.attempt());
            return Outcome.done();
        }
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        types = folder;
        String schema = "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"],\"additionalProperties\":false}";
        for (String type : List.of(GOES_ON, HOLDS)) {
            Files.writeString(types.resolve(type + ".json"), schema);
        }
        startAll(Map.of());
    }

    private void startAll(Map<String, String> more) {
        space.clear();
        Map<String, String> environment = new ConcurrentHashMap<>(more);
        environment.put("MILLRACE_TYPES", types.toString());
        api = RunningApi.start(space, environment, EventHistory.none());
        startProcessor();
    }

    private void startProcessor() {
        processor = new Processor(api.settings(), List.of(goOn, hold), OncePostgres.none(), new SimpleMeterRegistry());
        processor.start();
    }

    @AfterEach
    void stop() {
        stopProcessor();
        api.close();
    }

    private void stopProcessor() {
        processor.stop(Duration.ofSeconds(10));
    }

    @Test
    void aDeadLetterIsShownWithItsHistoryAndItsData() {
        String id = die(GOES_ON, "a", 1);

        JsonNode listed = only(api.get("/v1/dead-letters"));
        assertThat(listed.path("id").stringValue()).isEqualTo(id);
        assertThat(listed.path("client").stringValue()).isEqualTo("acme");
        assertThat(listed.path("type").stringValue()).isEqualTo(GOES_ON);
        assertThat(listed.path("lane").stringValue()).isEqualTo("a");
        assertThat(listed.path("reason").stringValue()).isEqualTo("gave up after 2 failures: the shop answered 503");
        assertThat(listed.path("attempts").intValue()).isEqualTo(2);
        assertThat(listed.path("errors").findValuesAsString("error")).containsExactly("the shop answered 503", "the shop answered 503");
        assertThat(listed.path("acceptedAt").stringValue()).isEqualTo(ref(id).id().time().toString());
        assertThat(listed.path("holdsLane").booleanValue()).isFalse();
        assertThat(listed.has("data")).isFalse();
        assertThat(api.get("/v1/dead-letters/" + id).json().path("data").toString()).isEqualTo("{\"n\":1}");
    }

    @Test
    void aClientSeesItsOwnAndTheAdministratorAll() {
        String rival = api.createClient("rival");
        String ours = die(GOES_ON, "a", 1);

        assertThat(api.getAs(rival, "/v1/dead-letters").json().path("items")).isEmpty();
        assertThat(api.getAs(rival, "/v1/dead-letters?client=acme").problem()).isEqualTo("forbidden");
        for (Answer answer : List.of(api.getAs(rival, "/v1/dead-letters/" + ours), api.deleteAs(rival, "/v1/dead-letters/" + ours),
                api.postAs(rival, "/v1/dead-letters/" + ours + ":redrive"))) {
            assertThat(answer.problem()).isEqualTo("not-found");
        }
        assertThat(api.getAs(null, "/v1/dead-letters").status()).isEqualTo(401);
        assertThat(only(api.getAs(RunningApi.ADMIN_KEY, "/v1/dead-letters")).path("id").stringValue()).isEqualTo(ours);
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/dead-letters?client=rival").json().path("items")).isEmpty();
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/dead-letters/" + ours).json().path("client").stringValue()).isEqualTo("acme");
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/dead-letters/" + forged(ours)).status()).isEqualTo(404);
    }

    @Test
    void theListIsFilteredAndPagedWithoutLossOrRepetition() {
        List<String> paid = IntStream.range(0, 12).mapToObj(n -> die(GOES_ON, "lane-" + n, n)).toList();
        String printed = die(HOLDS, "lane-1", 1);

        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = api.get("/v1/dead-letters?limit=5" + cursor).json();
            seen.addAll(page.path("items").findValuesAsString("id"));
            cursor = page.path("next").isNull() ? null : "&cursor=" + page.path("next").stringValue();
        } while (cursor != null);
        assertThat(seen).doesNotHaveDuplicates().contains(printed).containsAll(paid).hasSize(13);

        assertThat(only(api.get("/v1/dead-letters?queue=print")).path("id").stringValue()).isEqualTo(printed);
        assertThat(only(api.get("/v1/dead-letters?queue=print")).path("holdsLane").booleanValue()).isTrue();
        assertThat(ids(api.get("/v1/dead-letters?type=" + GOES_ON))).containsExactlyInAnyOrderElementsOf(paid);
        assertThat(ids(api.get("/v1/dead-letters?lane=lane-1"))).containsExactlyInAnyOrder(paid.get(1), printed);
        assertThat(api.get("/v1/dead-letters?cursor=nonsense").problem()).isEqualTo("invalid-parameter");
    }

    @Test
    void aRedrivenEventGoesToTheEndOfItsLaneUnderItsId() {
        String first = die(GOES_ON, "a", 1);
        awaitStatus(post(GOES_ON, "a", 2), "completed");
        stopProcessor();
        post(GOES_ON, "a", 3);
        goOn.failing.clear();

        Answer answer = api.postAs(api.key(), "/v1/dead-letters/" + first + ":redrive");
        String last = post(GOES_ON, "a", 4);

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.header("Location")).isEqualTo("/v1/events/" + first);
        assertThat(answer.json().path("status").stringValue()).isEqualTo("queued");
        assertThat(api.get("/v1/lanes/a").json().path("depth").longValue()).isEqualTo(3);
        assertThat(api.get("/v1/dead-letters/" + first).status()).isEqualTo(404);
        assertThat(api.get("/v1/dead-letters").json().path("items")).isEmpty();
        startProcessor();
        awaitStatus(last, "completed");
        assertThat(status(first)).isEqualTo("completed");
        assertThat(goOn.worked).containsExactly("a {\"n\":2} 1", "a {\"n\":3} 1", "a {\"n\":1} 1", "a {\"n\":4} 1");
        assertNothingIsLeft(first);
    }

    @Test
    void nothingIsSaidToBeRedrivenOrDiscardedThatReplicasMustKnowOfAndDoNot() {
        String id = die(GOES_ON, "a", 1);
        String path = "/v1/dead-letters/" + id;
        goOn.failing.clear();
        try (RunningApi replicated = api.another(Map.of("MILLRACE_TYPES", types.toString(), "MILLRACE_DURABILITY", "replicas:1"))) {
            assertThat(replicated.postAs(api.key(), path + ":redrive").problem()).isEqualTo("unavailable");
            assertThat(replicated.deleteAs(api.key(), path).problem()).isEqualTo("unavailable");
            assertThat(replicated.post("/v1/dead-letters:redrive", "{}").status()).isEqualTo(503);
        }

        assertThat(status(id)).isEqualTo("dead");
        assertThat(api.get(path).status()).isEqualTo(200);
        assertThat(api.postAs(api.key(), path + ":redrive").status()).isEqualTo(202);
        awaitStatus(id, "completed");
    }

    @Test
    void anEventMayDieAndBeRedrivenAgainAndAgain() {
        String id = die(GOES_ON, "a", 1);
        for (int again = 0; again < 3; again++) {
            assertThat(api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive").status()).isEqualTo(202);
            await().atMost(PATIENCE).until(() -> status(id).equals("dead") && api.get("/v1/dead-letters/" + id).status() == 200);
        }
        assertThat(only(api.get("/v1/dead-letters")).path("attempts").intValue()).isEqualTo(2);
        goOn.failing.clear();
        api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive");
        awaitStatus(id, "completed");
        assertNothingIsLeft(id);
    }

    @Test
    void anEventIsRedrivenWithOtherDataIfThatIsValid() {
        String id = die(GOES_ON, "a", 1);
        String path = "/v1/dead-letters/" + id + ":redrive";

        Answer invalid = api.post(path, "{\"data\":{\"n\":\"one\"}}");
        assertThat(invalid.problem()).isEqualTo("invalid-field");
        assertThat(invalid.json().at("/errors/0/pointer").stringValue()).isEqualTo("#/data/n");
        assertThat(api.post(path, "{\"date\":{}}").problem()).isEqualTo("invalid-field");
        goOn.failing.add("{\"n\":2}");
        assertThat(api.post(path, "{\"data\":{\"n\":2}}").status()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + id).json().path("data").toString().equals("{\"n\":2}"));
        assertThat(api.post(path, "{ \"data\": { \"n\": 3 } }").status()).isEqualTo(202);

        awaitStatus(id, "completed");
        assertThat(goOn.worked).containsExactly("a {\"n\":3} 1");
    }

    @Test
    void aScoreIsRedrivenForItsOwnPlayerOnly() {
        api.post("/v1/scores", "{\"player\":\"bob\",\"set\":9007199254740991}");
        String id = api.post("/v1/scores", "{\"player\":\"bob\",\"add\":1}").json().path("id").stringValue();
        awaitStatus(id, "dead");
        String path = "/v1/dead-letters/" + id + ":redrive";

        assertThat(api.post(path, "{\"data\":{\"player\":\"eve\",\"value\":1}}").json().at("/errors/0/pointer").stringValue())
                .isEqualTo("#/data/player");
        assertThat(api.post(path, "{\"data\":{\"player\":\"bob\",\"value\":-1}}").status()).isEqualTo(202);
        awaitStatus(id, "completed");
        assertThat(api.get("/v1/boards/main/rank/bob").json().path("score").longValue()).isEqualTo(9_007_199_254_740_990L);
        assertNothingIsLeft(id);
    }

    @Test
    void aLaneThatADeadLetterHoldsGoesOnWhenItIsRedriven() {
        String head = die(HOLDS, "a", 1);
        String next = post(HOLDS, "a", 2);
        assertThat(api.get("/v1/lanes/a").json().path("state").stringValue()).isEqualTo("blocked");
        hold.failing.clear();

        Answer answer = api.postAs(api.key(), "/v1/dead-letters/" + head + ":redrive");

        assertThat(answer.status()).isEqualTo(202);
        awaitStatus(next, "completed");
        assertThat(status(head)).isEqualTo("completed");
        assertThat(hold.worked).as("with a fresh set of tries").containsExactly("a {\"n\":1} 1", "a {\"n\":2} 1");
        assertNothingIsLeft(head);
    }

    @Test
    void aLaneThatIsHeldKeepsTheOtherDataThroughFailuresAndNewOwners() {
        String head = die(HOLDS, "a", 1);
        String next = post(HOLDS, "a", 2);
        stopProcessor();
        hold.failing.add("{\"n\":7}");
        assertThat(api.post("/v1/dead-letters/" + head + ":redrive", "{\"data\":{\"n\":7}}").status()).isEqualTo(202);
        assertThat(status(head)).isEqualTo("queued");
        startProcessor();

        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + head).status() == 200);
        assertThat(api.get("/v1/dead-letters/" + head).json().path("data").toString()).isEqualTo("{\"n\":7}");
        assertThat(api.get("/v1/dead-letters/" + head).json().path("attempts").intValue()).isEqualTo(2);
        assertThat(status(head)).isEqualTo("dead");
        assertThat(api.post("/v1/dead-letters/" + head + ":redrive", "{\"data\":{\"n\":8}}").status()).isEqualTo(202);
        awaitStatus(next, "completed");
        assertThat(hold.worked).containsExactly("a {\"n\":8} 1", "a {\"n\":2} 1");
        assertNothingIsLeft(head);
    }

    @Test
    void aLaneThatADeadLetterHoldsGoesOnWhenItIsDiscarded() throws Exception {
        String head = die(HOLDS, "a", 1);
        String next = post(HOLDS, "a", 2);
        assertThat(changes()).isEmpty();

        Answer answer = api.delete("/v1/dead-letters/" + head);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("status").stringValue()).isEqualTo("dead");
        awaitStatus(next, "completed");
        assertThat(status(head)).isEqualTo("dead");
        assertThat(hold.worked).containsExactly("a {\"n\":2} 1");
        assertThat(api.delete("/v1/dead-letters/" + head).status()).isEqualTo(404);
        List<EventEnded> told = changes();
        assertThat(told).extracting(EventEnded::outcome).containsExactly(EventEnded.Outcome.DEAD, EventEnded.Outcome.COMPLETED);
        assertThat(told.getFirst().error()).isEqualTo("gave up after 2 failures: the shop answered 503");
        assertThat(told.getFirst().attempts()).isEqualTo(2);
        assertNothingIsLeft(head);
    }

    @Test
    void aDiscardedEventStaysDead() {
        String id = die(GOES_ON, "a", 1);
        assertThat(api.delete("/v1/dead-letters/" + id).json().path("status").stringValue()).isEqualTo("dead");
        assertThat(status(id)).isEqualTo("dead");
        assertThat(api.get("/v1/dead-letters").json().path("items")).isEmpty();
        assertThat(api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive").status()).isEqualTo(404);
    }

    @Test
    void ofManyWhoRedriveOrDiscardOneLetterOneDoes() throws Exception {
        String id = die(GOES_ON, "a", 1);
        goOn.failing.clear();
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
            List<Future<Answer>> calls = IntStream.range(0, 48).mapToObj(i -> callers.submit(() -> i % 2 == 0
                    ? api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive")
                    : api.delete("/v1/dead-letters/" + id))).toList();
            for (Future<Answer> call : calls) {
                answers.add(call.get());
            }
        }
        assertThat(answers.stream().filter(answer -> answer.status() != 404)).hasSize(1);
        awaitStatus(id, answers.stream().anyMatch(answer -> answer.status() == 202) ? "completed" : "dead");
        assertThat(goOn.worked).hasSize(answers.stream().anyMatch(answer -> answer.status() == 202) ? 1 : 0);
        assertNothingIsLeft(id);
    }

    @Test
    void aFullLaneTakesNoRedrivenEventAndKeepsTheLetter() {
        stop();
        startAll(Map.of("MILLRACE_LANE_MAX", "2"));
        String id = die(GOES_ON, "a", 1);
        stopProcessor();
        post(GOES_ON, "a", 2);
        post(GOES_ON, "a", 3);

        Answer refused = api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive");

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.problem()).isEqualTo("lane-full");
        assertThat(refused.header("Retry-After")).isNotEmpty();
        assertThat(api.get("/v1/dead-letters/" + id).status()).isEqualTo(200);
        assertThat(status(id)).isEqualTo("dead");
        JsonNode bulk = api.post("/v1/dead-letters:redrive", "{}").json();
        assertThat(bulk.at("/items/0/result").stringValue()).isEqualTo("lane-full");
        assertThat(bulk.path("redriven").intValue()).isZero();
        goOn.failing.clear();
        startProcessor();
        await().atMost(PATIENCE).until(() -> api.get("/v1/lanes/a").json().path("depth").longValue() == 0);
        bulk = api.post("/v1/dead-letters:redrive", "{\"cursor\":\"" + bulk.path("next").stringValue() + "\"}").json();
        assertThat(bulk.path("redriven").intValue()).isEqualTo(1);
        awaitStatus(id, "completed");
    }

    @Test
    void manyAreRedrivenByAFilterInTheOrderOfTheirLanes() {
        List<String> ids = new ArrayList<>();
        for (int n = 0; n < 10; n++) {
            ids.add(die(GOES_ON, "a", n));
        }
        String other = die(GOES_ON, "b", 0);
        goOn.failing.clear();
        String body = "{\"type\":\"order.paid\",\"lane\":\"a\",\"reason\":\"answered 503\",\"diedFrom\":\"2020-01-01T00:00:00Z\"";

        JsonNode dry = api.post("/v1/dead-letters:redrive", body + ",\"dryRun\":true}").json();
        assertThat(dry.path("matched").intValue()).isEqualTo(10);
        assertThat(dry.path("redriven").intValue()).isZero();
        assertThat(dry.path("items").findValuesAsString("id")).containsExactlyElementsOf(ids);
        assertThat(goOn.worked).isEmpty();
        assertThat(api.post("/v1/dead-letters:redrive", "{\"diedBefore\":\"2020-01-01T00:00:00Z\"}").json().path("matched").intValue())
                .isZero();

        JsonNode some = api.post("/v1/dead-letters:redrive", body + ",\"limit\":4,\"rate\":1000}").json();
        assertThat(some.path("redriven").intValue()).isEqualTo(4);
        JsonNode rest = api.post("/v1/dead-letters:redrive", body + ",\"cursor\":\"" + some.path("next").stringValue() + "\"}").json();
        assertThat(rest.path("redriven").intValue()).isEqualTo(6);
        assertThat(rest.path("next").isNull()).isTrue();
        ids.forEach(id -> awaitStatus(id, "completed"));
        assertThat(goOn.worked).isEqualTo(IntStream.range(0, 10).mapToObj(n -> "a {\"n\":" + n + "} 1").toList());
        assertThat(status(other)).isEqualTo("dead");
    }

    @Test
    void aBulkRedriveDoesNotRedriveAgainWhatDiesAgainMeanwhile() {
        for (int n = 0; n < 4; n++) {
            die(GOES_ON, "a", n);
        }
        JsonNode done = api.post("/v1/dead-letters:redrive", "{\"rate\":4}").json();
        assertThat(done.path("redriven").intValue()).isEqualTo(4);
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters").json().path("items").size() == 4);
        assertThat(audited()).isEqualTo(4);
    }

    @Test
    void aBulkRedriveKeepsToItsRateAndToItsClient() {
        String rival = api.createClient("rival");
        for (int n = 0; n < 5; n++) {
            die(GOES_ON, "a", n);
        }
        assertThat(bulkAs(rival, "{}").path("matched").intValue()).isZero();
        long begin = System.nanoTime();
        assertThat(bulkAs(RunningApi.ADMIN_KEY, "{\"client\":\"acme\",\"rate\":5}").path("redriven").intValue()).isEqualTo(5);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(780));
        for (String wrong : List.of("{\"limit\":0}", "{\"rate\":1.5}", "{\"dryRun\":1}", "{\"diedFrom\":\"yesterday\"}",
                "{\"diedFrom\":\"+999999999-01-01T00:00:00Z\"}", "{\"diedBefore\":\"-999999999-01-01T00:00:00Z\"}",
                "{\"lanes\":\"a\"}",
                "{\"cursor\":\"x\"}")) {
            assertThat(api.post("/v1/dead-letters:redrive", wrong).problem()).isEqualTo("invalid-field");
        }
    }

    @Test
    void lanesThatWaitForRoomAmongTheDeadLettersGoOnWhenThereIsSome() {
        stop();
        startAll(Map.of("MILLRACE_DEAD_MAX", "1", "MILLRACE_CLIENT_MAX", "10"));
        String first = die(GOES_ON, "a", 1);
        goOn.failing.add("{\"n\":2}");
        String second = post(GOES_ON, "a", 2);
        String third = post(GOES_ON, "a", 3);
        awaitStatus(second, "retrying");

        assertThat(api.delete("/v1/dead-letters/" + first).status()).isEqualTo(200);
        awaitStatus(second, "dead");
        awaitStatus(third, "completed");
        assertThat(only(api.get("/v1/dead-letters")).path("id").stringValue()).isEqualTo(second);
    }

    @Test
    void whatNobodyCanReadIsShownAndRedrivenAsItIs() {
        Lane lane = new Lane("acme", "a", Priority.NORMAL);
        int partition = api.namespace().partitions().of("acme", "a");
        api.redis().await(api.redis().command(keys().events(partition, Priority.NORMAL), (commands, at) -> commands.xadd(at,
                Map.of("v", bytes("9"), "c", bytes("acme"), "l", bytes("a"), "t", bytes(GOES_ON)))));
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters").json().path("items").size() == 1);
        JsonNode letter = only(api.get("/v1/dead-letters"));
        String id = letter.path("id").stringValue();
        assertThat(letter.path("reason").stringValue()).contains("newer");
        assertThat(api.post("/v1/dead-letters/" + id + ":redrive", "{\"data\":{}}").problem()).isEqualTo("invalid-field");
        stopProcessor();

        assertThat(api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive").status()).isEqualTo(202);
        assertThat(depth(lane)).isEqualTo("1");
        startProcessor();
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + id).status() == 200);
        assertNothingIsLeft(id);
    }

    @Test
    void whoDidWhatIsKept() {
        String id = die(GOES_ON, "a", 1);
        api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive");
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + id).status() == 200);
        api.deleteAs(RunningApi.ADMIN_KEY, "/v1/dead-letters/" + id);

        List<Map<String, String>> kept = api.redis()
                .await(api.redis().command(keys().deadAudit(ref(id).partition()), (commands, at) -> commands.xrange(at, Range.unbounded())))
                .stream().map(DeadLettersTest::texts).toList();
        assertThat(kept).hasSize(2).allSatisfy(
                entry -> assertThat(entry).containsEntry("event", id).containsEntry("client", "acme").containsEntry("lane", "a"));
        assertThat(kept.get(0)).containsEntry("did", "redrive");
        assertThat(kept.get(0).get("by")).startsWith("client acme, key ");
        assertThat(kept.get(1)).containsEntry("did", "discard").containsEntry("by", "the administrator");
    }

    @Test
    void whoDidWhatIsToldToThoseWhoseLettersTheyWere() {
        String rival = api.createClient("rival");
        List<String> ids = IntStream.range(0, 5).mapToObj(n -> die(GOES_ON, "lane-" + n, n)).toList();
        assertThat(api.get("/v1/dead-letters/" + ids.get(0)).json().path("handled")).isEmpty();
        api.postAs(api.key(), "/v1/dead-letters/" + ids.get(0) + ":redrive");
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + ids.get(0)).status() == 200);
        ids.forEach(id -> assertThat(api.deleteAs(RunningApi.ADMIN_KEY, "/v1/dead-letters/" + id).status()).isEqualTo(200));

        List<JsonNode> told = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = api.get("/v1/monitoring/audit?limit=2" + cursor).json();
            assertThat(page.path("items").size()).isBetween(1, 2);
            page.path("items").forEach(told::add);
            cursor = page.path("next").isNull() ? null : "&cursor=" + page.path("next").stringValue();
        } while (cursor != null);
        assertThat(told).extracting(entry -> entry.path("event").stringValue()).containsExactly(ids.get(4), ids.get(3), ids.get(2),
                ids.get(1), ids.get(0), ids.get(0));
        assertThat(told).extracting(entry -> entry.path("did").stringValue()).containsExactly("discard", "discard", "discard", "discard",
                "discard", "redrive");
        assertThat(told.getLast().path("by").stringValue()).startsWith("client acme, key ");
        assertThat(told.getFirst().path("by").stringValue()).isEqualTo("the administrator");
        assertThat(told.getFirst().path("lane").stringValue()).isEqualTo("lane-4");
        assertThat(api.getAs(rival, "/v1/monitoring/audit").json().path("items")).isEmpty();
        assertThat(api.getAs(rival, "/v1/monitoring/audit?client=acme").problem()).isEqualTo("forbidden");
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/monitoring/audit?client=rival").json().path("items")).isEmpty();
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/monitoring/audit").json().path("items")).hasSize(6);
        for (String wrong : List.of("limit=0", "limit=201", "cursor=x", "cursor=MS0xL3g", "client=%00")) {
            assertThat(api.get("/v1/monitoring/audit?" + wrong).problem()).as(wrong).isEqualTo("invalid-parameter");
        }
    }

    @Test
    void aLetterTellsWhatWasDoneWithThoseBeforeIt() {
        String id = die(GOES_ON, "a", 1);
        for (int again = 1; again <= 2; again++) {
            api.postAs(api.key(), "/v1/dead-letters/" + id + ":redrive");
            int times = again;
            await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + id).json().path("handled").size() == times);
        }
        JsonNode handled = api.get("/v1/dead-letters/" + id).json().path("handled");
        assertThat(handled).allSatisfy(entry -> {
            assertThat(entry.path("did").stringValue()).isEqualTo("redrive");
            assertThat(entry.path("event").stringValue()).isEqualTo(id);
            assertThat(entry.path("reason").stringValue()).contains("the shop answered 503");
        });
        assertThat(only(api.get("/v1/dead-letters")).has("handled")).isFalse();
    }

    private long audited() {
        int partition = api.namespace().partitions().of("acme", "a");
        return api.redis().await(api.redis().command(keys().deadAudit(partition), (commands, at) -> commands.xlen(at)));
    }

    private static Map<String, String> texts(StreamMessage<String, byte[]> entry) {
        Map<String, String> texts = new ConcurrentHashMap<>();
        entry.getBody().forEach((name, value) -> texts.put(name, new String(value, StandardCharsets.UTF_8)));
        return texts;
    }

    /** Posts an event that fails, and waits until it has its letter. */
    private String die(String type, String lane, int n) {
        (type.equals(HOLDS) ? hold : goOn).failing.add("{\"n\":" + n + '}');
        String id = post(type, lane, n);
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + id).status() == 200);
        assertThat(status(id)).isEqualTo("dead");
        return id;
    }

    private String post(String type, String lane, int n) {
        Answer answer = api.post("/v1/events", "{\"type\":\"" + type + "\",\"lane\":\"" + lane + "\",\"data\":{\"n\":" + n + "}}");
        assertThat(answer.status()).isEqualTo(202);
        return answer.json().path("id").stringValue();
    }

    private JsonNode bulkAs(String key, String body) {
        return api.send(api.request("/v1/dead-letters:redrive", key).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)).build()).json();
    }

    private String status(String id) {
        return api.get("/v1/events/" + id).json().path("status").stringValue();
    }

    private void awaitStatus(String id, String status) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(id)).isEqualTo(status));
    }

    /** No count, place or record of tries is left of an event that has ended. */
    private void assertNothingIsLeft(String id) {
        int partition = ref(id).partition();
        assertThat(api.redis().hgetall(keys().depth(partition)).keySet()).isSubsetOf(Keyspace.DEPTH_UNPERSISTED);
        assertThat(api.redis().hgetall(keys().moved(partition))).isEmpty();
        assertThat(api.redis().hgetall(keys().tries(partition))).isEmpty();
        assertThat(api.queued()).isZero();
    }

    /** What the books are to be told, in order. */
    private List<EventEnded> changes() throws Exception {
        List<EventEnded> ended = new ArrayList<>();
        for (int partition = 0; partition < api.namespace().partitions().count(); partition++) {
            for (StreamMessage<String, byte[]> entry : api.redis()
                    .await(api.redis().command(keys().changes(partition), (commands, at) -> commands.xrange(at, Range.unbounded())))) {
                Change change = ChangeCodec.decode(entry.getBody());
                ended.addAll(change.ended());
            }
        }
        return ended;
    }

    private static JsonNode only(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("items")).hasSize(1);
        return answer.json().path("items").get(0);
    }

    private static List<String> ids(Answer answer) {
        return answer.json().path("items").findValuesAsString("id");
    }

    /** The id of the same place for a client that does not have it. */
    private String forged(String id) {
        return api.namespace().eventIds().encode("rival", ref(id));
    }

    private String depth(Lane lane) {
        return String.valueOf(space.server().command("HGET", keys().depth(api.namespace().partitions().of("acme", lane.name())),
                Keyspace.laneDepth(lane)));
    }

    private EventRef ref(String id) {
        return api.namespace().eventIds().decode("acme", id).orElseThrow();
    }

    private Keyspace keys() {
        return api.namespace().keys();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
