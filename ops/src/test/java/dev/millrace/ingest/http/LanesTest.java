package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.engine.Bell;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@RealRedis
final class LanesTest {
    private static final Lane LANE = new Lane("acme", "order-7", Priority.NORMAL);

    private final RedisSpace space;
    private RunningApi api;
    private int partition;

    LanesTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start(@TempDir Path types) throws IOException {
        space.clear();
        Files.writeString(types.resolve("order.paid.json"), "{\"type\":\"object\"}");
        api = RunningApi.start(space, Map.of("MILLRACE_TYPES", types.toString()), EventHistory.none());
        partition = api.namespace().partitions().of("acme", "order-7");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aLaneThatHoldsNothingIsEmptyWhetherOrNotAnyoneWorksIt() {
        assertThat(lane("/v1/lanes/order-7").toString()).isEqualTo("{\"client\":\"acme\",\"lane\":\"order-7\",\"priority\":\"normal\","
                + "\"partition\":" + partition + ",\"state\":\"empty\",\"leaseLeftMs\":0,\"depth\":0,\"waiting\":0}");
        own();
        JsonNode owned = lane("/v1/lanes/order-7");
        assertThat(owned.path("state").stringValue()).isEqualTo("empty");
        assertThat(owned.path("owner").stringValue()).isEqualTo("worker-1");
        assertThat(owned.path("epoch").longValue()).isEqualTo(1_790_000_000_123_457L);
        assertThat(owned.path("leaseLeftMs").longValue()).isBetween(1L, 60_000L);
    }

    @Test
    void aLaneWhosePartitionNobodyWorksSaysSo() {
        post(LANE);
        assertThat(lane("/v1/lanes/order-7").path("state").stringValue()).isEqualTo("unowned");
        space.server().command("HSET", keys().lease(partition, Keyspace.PROCESSORS), "owner", "worker-1", "epoch", "7", "until", "1000");
        JsonNode expired = lane("/v1/lanes/order-7");
        assertThat(expired.path("state").stringValue()).isEqualTo("unowned");
        assertThat(expired.has("owner")).isFalse();
        assertThat(expired.path("epoch").longValue()).isEqualTo(7);
    }

    @Test
    void theHeadIsTheOldestEventOfTheLaneAndOthersWaitBehindIt() {
        own();
        post(new Lane("acme", neighbour(), Priority.NORMAL));
        String head = post(LANE);
        post(LANE);
        post(LANE);
        post(new Lane("acme", "order-7", Priority.HIGH));

        JsonNode lane = lane("/v1/lanes/order-7");
        assertThat(lane.path("state").stringValue()).isEqualTo("queued");
        assertThat(lane.path("depth").longValue()).isEqualTo(3);
        assertThat(lane.path("waiting").longValue()).isEqualTo(2);
        assertThat(lane.path("head")).isEqualTo(api.get("/v1/events/" + head).json());
        JsonNode high = lane("/v1/lanes/order-7?priority=high");
        assertThat(high.path("priority").stringValue()).isEqualTo("high");
        assertThat(high.path("depth").longValue()).isEqualTo(1);
    }

    @Test
    void aHeadThatFailedSaysWhyAndWhenItIsTriedAgain() {
        own();
        String head = post(LANE);
        post(LANE);
        deliver();
        begin(head, 2);
        Instant due = Instant.ofEpochMilli(1_900_000_000_000L);
        tries(Tries.none(ref(head).id()).failed(Instant.now(), "no such host", due).failed(Instant.now(), "503", due));

        JsonNode lane = lane("/v1/lanes/order-7");

        assertThat(lane.path("state").stringValue()).isEqualTo("retrying");
        assertThat(lane.path("waiting").longValue()).isEqualTo(1);
        assertThat(lane.path("head").path("id").stringValue()).isEqualTo(head);
        assertThat(lane.path("head").path("tries").longValue()).isEqualTo(2);
        assertThat(lane.path("head").path("error").stringValue()).isEqualTo("503");
        assertThat(lane.path("head").path("nextTryAt").stringValue()).isEqualTo(due.toString());

        begin(head, 3);
        assertThat(lane("/v1/lanes/order-7").path("state").stringValue()).isEqualTo("working");
        tries(Tries.none(ref(head).id()).failed(Instant.now(), "x", due).failed(Instant.now(), "y", due)
                .failed(Instant.now(), "z", due).in(Tries.State.BLOCKED, due));
        assertThat(lane("/v1/lanes/order-7").path("state").stringValue()).isEqualTo("blocked");
    }

    @Test
    void aHeadThatWasScheduledIsNamedByTheIdOfItsAcceptance() {
        own();
        String entry = String.valueOf(space.server().command("XADD", keys().events(partition, Priority.NORMAL), "*", "v", "1", "t",
                "order.paid", "c", "acme", "l", "order-7", "d", "{}", "o", "s1700000000000-64"));
        space.server().command("HINCRBY", keys().depth(partition), Keyspace.laneDepth(LANE), "1");
        space.server().command("HSET", keys().moved(partition), "s1700000000000-64", "normal/" + entry);
        EventRef ref = new EventRef(partition, Priority.NORMAL, StreamId.parse("1700000000000-64"), true);
        String id = api.namespace().eventIds().encode("acme", ref);

        assertThat(lane("/v1/lanes/order-7").path("head").path("id").stringValue()).isEqualTo(id);
        assertThat(api.get("/v1/events/" + id).json()).isEqualTo(lane("/v1/lanes/order-7").path("head"));
    }

    @Test
    void aHeadThatIsTooFarBackIsNotSearchedForEver() {
        own();
        Lane other = new Lane("acme", neighbour(), Priority.NORMAL);
        for (int i = 0; i < 500; i++) {
            append(other);
        }
        append(LANE);

        JsonNode lane = lane("/v1/lanes/order-7");

        assertThat(lane.has("head")).isFalse();
        assertThat(lane.path("headNote").stringValue()).isEqualTo("it is not among the first 500 entries of its stream");
        assertThat(lane.path("waiting").longValue()).isEqualTo(1);
        assertThat(lane("/v1/lanes/" + other.name()).path("head").path("lane").stringValue()).isEqualTo(other.name());
    }

    @Test
    void aPausedLaneIsPausedUntilItIsResumedAndTheBellRingsOnceForEach() throws Exception {
        Queue<Integer> rung = new ConcurrentLinkedQueue<>();
        try (Bell bell = new Bell(api.redis(), Map.of(keys().bell(), rung::add), () -> {})) {
            bell.start();
            await().until(bell::listening);
            own();

            Answer paused = api.postAs(api.key(), "/v1/lanes/order-7:pause");
            assertThat(paused.status()).isEqualTo(200);
            assertThat(paused.json().path("state").stringValue()).isEqualTo("paused");
            Instant since = Instant.parse(paused.json().path("pausedSince").stringValue());
            assertThat(since).isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
            assertThat(api.postAs(api.key(), "/v1/lanes/order-7:pause").json().path("pausedSince").stringValue())
                    .isEqualTo(since.toString());
            assertThat(api.redis().hgetall(keys().paused(partition))).containsOnlyKeys("normal/acme/order-7");
            assertThat(lane("/v1/lanes/order-7?priority=low").path("state").stringValue()).isEqualTo("empty");
            post(LANE);
            assertThat(lane("/v1/lanes/order-7").path("depth").longValue()).isEqualTo(1);

            Answer resumed = api.postAs(api.key(), "/v1/lanes/order-7:resume");
            assertThat(resumed.status()).isEqualTo(200);
            assertThat(resumed.json().path("state").stringValue()).isEqualTo("queued");
            assertThat(api.postAs(api.key(), "/v1/lanes/order-7:resume").status()).isEqualTo(200);
            assertThat(api.redis().hgetall(keys().paused(partition))).isEmpty();
            space.server().command("PUBLISH", keys().bell(), "99");
            await().until(() -> rung.contains(99));
            assertThat(rung).containsExactly(partition, partition, 99);
        }
    }

    @Test
    void aLaneWhoseNameHoldsColonsIsPausedToo() {
        assertThat(api.postAs(api.key(), "/v1/lanes/order:pause:pause").json().path("lane").stringValue()).isEqualTo("order:pause");
        assertThat(lane("/v1/lanes/order:pause").path("state").stringValue()).isEqualTo("paused");
        assertThat(api.postAs(api.key(), "/v1/lanes/order:pause:resume").json().path("state").stringValue()).isEqualTo("empty");
    }

    @Test
    void noMoreLanesArePausedThanAnyoneCanOversee() {
        for (int i = 0; i < 1_000; i++) {
            space.server().command("HSET", keys().paused(partition), "normal/client" + i % 10 + "/lane" + i, "1");
        }
        Answer refused = api.postAs(api.key(), "/v1/lanes/order-7:pause");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.problem()).isEqualTo("pauses-full");
        assertThat(api.redis().hgetall(keys().paused(partition))).hasSize(1_000);
    }

    @Test
    void oneClientPausesAQuarterOfThemAtMost() {
        for (int i = 0; i < 250; i++) {
            space.server().command("HSET", keys().paused(partition), "high/rival/acme" + i, "1", "low/acme2/lane" + i, "1");
        }
        assertThat(api.postAs(api.key(), "/v1/lanes/order-7:pause").status()).as("others have").isEqualTo(200);
        api.postAs(api.key(), "/v1/lanes/order-7:resume");
        for (int i = 0; i < 250; i++) {
            space.server().command("HSET", keys().paused(partition), "high/acme/lane" + i, "1");
        }
        assertThat(api.postAs(api.key(), "/v1/lanes/order-7:pause").problem()).isEqualTo("pauses-full");
    }

    @Test
    void aLaneIsItsClientsAndTheAdministrators() {
        String rival = api.createClient("rival");
        own();
        post(LANE);

        assertThat(api.getAs(rival, "/v1/lanes/order-7").json().path("depth").longValue()).isZero();
        for (String path : List.of("/v1/lanes/order-7?client=acme", "/v1/lanes/order-7?client=nobody")) {
            assertThat(api.getAs(rival, path).status()).isEqualTo(403);
        }
        assertThat(api.postAs(rival, "/v1/lanes/order-7:pause?client=acme").status()).isEqualTo(403);
        assertThat(api.getAs(null, "/v1/lanes/order-7").status()).isEqualTo(401);
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/lanes/order-7").status()).isEqualTo(422);
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/lanes/order-7?client=acme").json().path("depth").longValue()).isEqualTo(1);
        assertThat(api.getAs(api.key(), "/v1/lanes/order-7?client=acme").status()).isEqualTo(200);
        assertThat(api.postAs(RunningApi.ADMIN_KEY, "/v1/lanes/order-7:pause?client=acme").json().path("state").stringValue())
                .isEqualTo("paused");
        assertThat(lane("/v1/lanes/order-7").path("state").stringValue()).isEqualTo("paused");
    }

    @Test
    void whatIsNoLaneIsRefusedWithItsName() {
        for (String path : List.of("/v1/lanes/a%20b", "/v1/lanes/order-7?priority=urgent", "/v1/lanes/order-7?board=x")) {
            Answer answer = api.get(path);
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.problem()).isEqualTo("invalid-parameter");
        }
    }

    private JsonNode lane(String path) {
        Answer answer = api.get(path);
        assertThat(answer.status()).as(path).isEqualTo(200);
        return answer.json();
    }

    private void own() {
        space.server().command("HSET", keys().lease(partition, Keyspace.PROCESSORS), "owner", "worker-1", "epoch", "1790000000123457",
                "until", Long.toString(System.currentTimeMillis() + 50_000));
    }

    private String post(Lane lane) {
        Answer answer = api.post("/v1/events", "{\"type\":\"order.paid\",\"data\":{},\"lane\":\"" + lane.name() + "\",\"priority\":\""
                + lane.priority().word() + "\"}");
        assertThat(answer.status()).isEqualTo(202);
        return answer.json().path("id").stringValue();
    }

    private void append(Lane lane) {
        space.server().command("XADD", keys().events(partition, Priority.NORMAL), "*", "v", "1", "t", "order.paid", "c", lane.client(), "l",
                lane.name(), "d", "{}");
        space.server().command("HINCRBY", keys().depth(partition), Keyspace.laneDepth(lane), "1");
    }

    private void deliver() {
        space.server().command("XGROUP", "CREATE", keys().events(partition, Priority.NORMAL), Keyspace.PROCESSORS, "0");
        space.server().command("XREADGROUP", "GROUP", Keyspace.PROCESSORS, Keyspace.CONSUMER, "STREAMS",
                keys().events(partition, Priority.NORMAL), ">");
    }

    private void begin(String id, int tries) {
        space.server().command("XCLAIM", keys().events(partition, Priority.NORMAL), Keyspace.PROCESSORS, Keyspace.CONSUMER, "0",
                ref(id).id().toString(), "RETRYCOUNT", Integer.toString(1 + tries));
    }

    private void tries(Tries tries) {
        space.server().command("HSET", keys().tries(partition), Keyspace.laneField(LANE), TriesCodec.encode(tries));
    }

    private EventRef ref(String id) {
        return api.namespace().eventIds().decode("acme", id).orElseThrow();
    }

    /** Another lane of the same partition. */
    private String neighbour() {
        for (int i = 0;; i++) {
            if (api.namespace().partitions().of("acme", "other-" + i) == partition) {
                return "other-" + i;
            }
        }
    }

    private Keyspace keys() {
        return api.namespace().keys();
    }
}
