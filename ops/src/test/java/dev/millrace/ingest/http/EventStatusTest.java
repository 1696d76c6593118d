package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.EventOutcome;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
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
        space.server().command("XREADGROUP", "GROUP", Keyspace.PROCESSORS, Keyspace.CONSUMER, "COUNT", "10", "STREAMS", stream(), ">");

        assertThat(status().path("status").stringValue()).isEqualTo("processing");
        assertThat(status().path("tries").longValue()).isEqualTo(1);
        assertThat(status().path("type").stringValue()).isEqualTo("score.add");
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
        Object[] body = new Object[fields.size()];
        for (int i = 0; i < body.length; i++) {
            body[i] = i % 2 == 0 ? new String(fields.get(i), StandardCharsets.UTF_8) : fields.get(i);
        }
        return api.redis()
                .await(api.redis().command(api.namespace().keys().dead(ref.partition()), (commands, at) -> commands.xadd(at, body)));
    }
}
