package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.Schedule;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.EventOutcome;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@RealRedis
final class EventStatusTest {
    private final RedisSpace space;
    private final List<String> asked = new ArrayList<>();
    private EventHistory history = EventHistory.none();
    private RunningApi api;
    private String id;
    private EventRef ref;

    EventStatusTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void postOne() {
        space.clear();
        api = RunningApi.start(space, Map.of(), (client, eventId, acceptedAt) -> {
            asked.add(client + ' ' + eventId + ' ' + acceptedAt);
            return history.find(client, eventId, acceptedAt);
        });
        id = api.post("/v1/scores", "{\"player\":\"alice\",\"add\":1}").json().path("id").stringValue();
        ref = api.namespace().eventIds().decode("acme", id).orElseThrow();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void anEventThatNobodyHasTakenIsQueued() {
        assertThat(status().toString()).isEqualTo("{\"id\":\"" + id + "\",\"type\":\"score.add\",\"lane\":\"alice\",\"status\":\"queued\","
                + "\"tries\":0,\"acceptedAt\":\"" + ref.id().time() + "\"}");

        createGroup();
        assertThat(status().path("status").stringValue()).isEqualTo("queued");
        assertThat(asked).isEmpty();
    }

    @Test
    void anEventThatAProcessorHasIsProcessing() {
        createGroup();
        deliver();

        assertThat(status().path("status").stringValue()).isEqualTo("processing");
        assertThat(status().path("tries").longValue()).isZero();
        assertThat(status().path("type").stringValue()).isEqualTo("score.add");
    }

    @Test
    void anEventThatWaitsInItsLaneIsQueuedUntilATryIsBegun() {
        effect();
        deliver();
        assertThat(status().path("status").stringValue()).isEqualTo("queued");

        beginTries(1);
        assertThat(status().path("status").stringValue()).isEqualTo("processing");
        assertThat(status().path("tries").longValue()).isEqualTo(1);
    }

    @Test
    void anEventThatFailedIsRetryingUntilTheNextTryIsBegun() {
        effect();
        deliver();
        beginTries(2);
        Instant due = Instant.ofEpochMilli(1_900_000_000_000L);
        tries(Tries.none(ref.id()).failed(Instant.now(), "no such host", due).failed(Instant.now(), "503", due));

        assertThat(status().path("status").stringValue()).isEqualTo("retrying");
        assertThat(status().path("tries").longValue()).isEqualTo(2);
        assertThat(status().path("nextTryAt").stringValue()).isEqualTo(due.toString());
        assertThat(status().path("error").stringValue()).isEqualTo("503");

        beginTries(3);
        assertThat(status().path("status").stringValue()).isEqualTo("processing");
        assertThat(status().path("error").stringValue()).isEqualTo("503");
        assertThat(status().has("nextTryAt")).isFalse();
    }

    @Test
    void anEventThatWasUnderWayInACrashIsRetryingAtNoCertainTime() {
        effect();
        deliver();
        beginTries(1);
        tries(Tries.none(ref.id()).cutOff(Instant.now(), 1));

        assertThat(status().path("status").stringValue()).isEqualTo("retrying");
        assertThat(status().has("nextTryAt")).isFalse();
        assertThat(status().path("error").stringValue()).isNotBlank();
    }

    @Test
    void anEventThatHoldsItsLaneAfterItsDeathIsDead() {
        effect();
        deliver();
        beginTries(1);
        tries(Tries.none(ref.id()).failed(Instant.now(), "gone wrong", Instant.EPOCH).in(Tries.State.BLOCKED, Instant.EPOCH));

        assertThat(status().path("status").stringValue()).isEqualTo("dead");
        assertThat(status().path("error").stringValue()).isEqualTo("gone wrong");
    }

    @Test
    void whatWentWrongWithAnotherEventOfTheLaneIsNotThisOnes() {
        effect();
        deliver();
        tries(Tries.none(StreamId.parse("1-1")).failed(Instant.now(), "503", Instant.now()));

        assertThat(status().path("status").stringValue()).isEqualTo("queued");
        assertThat(status().has("error")).isFalse();
    }

    @Test
    void anEventForLaterIsScheduledThenWhatItsEntryIsThenWhatBecameOfIt() throws Exception {
        Answer posted = api.post("/v1/events", "{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":1},\"delay\":\"PT1H\"}");
        id = posted.json().path("id").stringValue();
        ref = api.namespace().eventIds().decode("acme", id).orElseThrow();

        assertThat(status().toString())
                .isEqualTo("{\"id\":\"" + id + "\",\"type\":\"score.add\",\"lane\":\"alice\",\"status\":\"scheduled\","
                        + "\"tries\":0,\"acceptedAt\":\"" + ref.id().time() + "\",\"runAt\":" + posted.json().path("runAt") + "}");

        promote();
        assertThat(status().toString()).isEqualTo("{\"id\":\"" + id + "\",\"type\":\"score.add\",\"lane\":\"alice\",\"status\":\"queued\","
                + "\"tries\":0,\"acceptedAt\":\"" + ref.id().time() + "\"}");
        createGroup();
        deliver();
        assertThat(status().path("status").stringValue()).isEqualTo("processing");

        space.server().command("DEL", stream(), api.namespace().keys().moved(ref.partition()));
        assertThat(status().path("status").stringValue()).isEqualTo("completed");
        assertThat(asked).containsOnly("acme " + id + ' ' + ref.id().time());
    }

    @Test
    void aDeadLetterIsFoundByTheIdOfAcceptance() throws Exception {
        Answer posted = api.post("/v1/events", "{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":1},\"delay\":\"PT1H\"}");
        id = posted.json().path("id").stringValue();
        ref = api.namespace().eventIds().decode("acme", id).orElseThrow();
        Event event = new Event(new Lane("acme", "alice", ref.priority()), "score.add", "{}", null).from(ref.asOrigin());
        String place = bury(DeadLetterCodec.encode(new DeadLetter(StreamId.parse("5-1"), event, "why", Instant.now(), 1, List.of())));
        Keyspace keys = api.namespace().keys();
        space.server().command("DEL", keys.scheduled(ref.partition()));
        space.server().command("HSET", keys.deadIndex(ref.partition()), Keyspace.deadField(ref), place);

        assertThat(status().path("status").stringValue()).isEqualTo("dead");
        assertThat(status().path("error").stringValue()).isEqualTo("why");
    }

    @Test
    void anEventThatWasRedrivenIsWhatItsNewEntryIs() {
        finish();
        Keyspace keys = api.namespace().keys();
        Event event = new Event(new Lane("acme", "alice", ref.priority()), "score.add", "{}", null).from(ref.asOrigin());
        String entry = append(event);
        space.server().command("HSET", keys.moved(ref.partition()), ref.asOrigin().toString(), "normal/" + entry);

        assertThat(status().path("status").stringValue()).isEqualTo("queued");
        assertThat(status().path("acceptedAt").stringValue()).isEqualTo(ref.id().time().toString());
    }

    @Test
    void anEventThatWasGivenUpIsDeadWithItsReason() {
        Event event = new Event(new Lane("acme", "alice", ref.priority()), "score.add", "{\"player\":\"alice\",\"value\":1}", null);
        DeadLetter letter = new DeadLetter(ref.id(), event, "the score would overflow", Instant.now(), 3,
                List.of(new FailedAttempt(Instant.now(), "overflow")));
        Keyspace keys = api.namespace().keys();
        String place = bury(DeadLetterCodec.encode(letter));
        space.server().command("HSET", keys.deadIndex(ref.partition()), ref.priority().word() + '/' + ref.id(), place);
        finish();

        assertThat(status().toString()).isEqualTo("{\"id\":\"" + id + "\",\"type\":\"score.add\",\"lane\":\"alice\",\"status\":\"dead\","
                + "\"tries\":3,\"acceptedAt\":\"" + ref.id().time() + "\",\"error\":\"the score would overflow\"}");
    }

    @Test
    void anEventThatIsGoneHasCompletedWhateverTheBooksSay() {
        finish();

        assertThat(status().toString())
                .isEqualTo("{\"id\":\"" + id + "\",\"status\":\"completed\",\"acceptedAt\":\"" + ref.id().time() + "\"}");
        history = (client, eventId, acceptedAt) -> {
            throw new IllegalStateException("Postgres is away");
        };
        assertThat(status().path("status").stringValue()).isEqualTo("completed");
        assertThat(asked).containsOnly("acme " + id + ' ' + ref.id().time());
    }

    @Test
    void theBooksTellOfAnEventThatHasEnded() {
        finish();
        books(Outcome.COMPLETED, 1, null);
        assertThat(status().toString())
                .isEqualTo("{\"id\":\"" + id + "\",\"type\":\"score.add\",\"lane\":\"alice\",\"status\":\"completed\","
                        + "\"tries\":1,\"acceptedAt\":\"" + ref.id().time() + "\"}");

        books(Outcome.DEAD, 4, "it never worked");
        assertThat(status().path("status").stringValue()).isEqualTo("dead");
        assertThat(status().path("error").stringValue()).isEqualTo("it never worked");

        books(Outcome.CANCELLED, 0, null);
        assertThat(status().path("status").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void anEventIsItsClientsOwn() {
        String rival = api.createClient("rival");
        Answer others = api.getAs(rival, "/v1/events/" + id);

        assertThat(others.status()).isEqualTo(404);
        assertThat(others.json()).isEqualTo(api.getAs(rival, "/v1/events/no-such-id").json());
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/events/" + id).status()).isEqualTo(403);
        assertThat(api.getAs(null, "/v1/events/" + id).status()).isEqualTo(401);
    }

    @Test
    void anIdThatWasMadeUpNamesNothing() {
        char last = id.charAt(id.length() - 2);
        String forged = id.substring(0, id.length() - 2) + (last == 'A' ? 'B' : 'A') + id.charAt(id.length() - 1);
        for (String other : List.of(forged, "x", id + "AA", "A".repeat(500), "%20")) {
            assertThat(api.get("/v1/events/" + other).status()).isEqualTo(404);
        }
    }

    /** Puts an event whose work is done in tries in the place of the score. */
    private void effect() {
        finish();
        String entry = append(new Event(new Lane("acme", "orders", Priority.NORMAL), "order.paid", "{}", null));
        ref = new EventRef(ref.partition(), Priority.NORMAL, StreamId.parse(entry));
        id = api.namespace().eventIds().encode("acme", ref);
        createGroup();
    }

    private String append(Event event) {
        return add(stream(), EventCodec.encode(event));
    }

    private void deliver() {
        space.server().command("XREADGROUP", "GROUP", Keyspace.PROCESSORS, Keyspace.CONSUMER, "COUNT", "10", "STREAMS", stream(), ">");
    }

    private void beginTries(int count) {
        space.server().command("XCLAIM", stream(), Keyspace.PROCESSORS, Keyspace.CONSUMER, "0", ref.id().toString(), "RETRYCOUNT",
                Integer.toString(1 + count));
    }

    private void tries(Tries tries) {
        space.server().command("HSET", api.namespace().keys().tries(ref.partition()),
                Keyspace.laneField(new Lane("acme", "orders", Priority.NORMAL)), TriesCodec.encode(tries));
    }

    private void promote() {
        Keyspace keys = api.namespace().keys();
        space.server().command("ZADD", keys.scheduled(ref.partition()), "1000", Keyspace.scheduledMember(ref.id()));
        space.server().command("HSET", keys.lease(ref.partition(), Keyspace.PROCESSORS), "owner", "me", "epoch", "7");
        assertThat(new Schedule(api.redis(), keys).promote(new Lease(ref.partition(), "me", 7)).count()).isEqualTo(1);
    }

    private JsonNode status() {
        Answer answer = api.get("/v1/events/" + id);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private void books(Outcome outcome, int attempts, String error) {
        history = (client, eventId, acceptedAt) -> Optional
                .of(new EventOutcome(eventId, "score.add", "alice", outcome, attempts, error, acceptedAt, Instant.now()));
    }

    private String stream() {
        return api.namespace().keys().events(ref.partition(), ref.priority());
    }

    private void createGroup() {
        space.server().command("XGROUP", "CREATE", stream(), Keyspace.PROCESSORS, "0");
    }

    private void finish() {
        assertThat(space.server().command("XDEL", stream(), ref.id().toString())).isEqualTo("1");
    }

    private String bury(List<byte[]> fields) {
        return add(api.namespace().keys().dead(ref.partition()), fields);
    }

    private String add(String stream, List<byte[]> fields) {
        Object[] body = new Object[fields.size()];
        for (int i = 0; i < body.length; i++) {
            body[i] = i % 2 == 0 ? new String(fields.get(i), StandardCharsets.UTF_8) : fields.get(i);
        }
        return api.redis()
                .await(api.redis().command(stream, (commands, at) -> commands.xadd(at, body)));
    }
}
