package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.Schedule;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis
final class CancellingTest {
    private static final String LATER = "{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":1},\"delay\":\"PT1H\"}";
    private static final String EPOCH = "1790000000123457";

    private final RedisSpace space;
    private RunningApi api;
    private int partition;

    CancellingTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space);
        partition = api.namespace().partitions().of("acme", "alice");
        space.server().command("HSET", keys().lease(partition, Keyspace.PROCESSORS), "owner", "me", "epoch", EPOCH);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aScheduledEventIsCancelledAndTheBooksAreTold() throws Exception {
        String id = later();
        EventRef ref = ref(id);

        Answer answer = api.delete("/v1/events/" + id);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("status").stringValue()).isEqualTo("cancelled");
        assertThat(answer.json()).isEqualTo(api.get("/v1/events/" + id).json());
        assertThat(space.server().command("ZCARD", keys().scheduled(partition))).isEqualTo("0");
        assertThat(api.redis().hgetall(keys().scheduledPayloads(partition))).containsOnlyKeys(Keyspace.SCHEDULED_LAST);
        List<Change> changes = changes();
        assertThat(changes).singleElement().satisfies(change -> {
            assertThat(change.epoch()).isEqualTo(Long.parseLong(EPOCH));
            assertThat(change.ended()).containsExactly(new EventEnded(ref.id(), Priority.NORMAL, "acme", "score.add", "alice",
                    Outcome.CANCELLED, 0, null, ref.asOrigin()));
        });
        assertThat(space.server().command("HGET", keys().depth(partition), Keyspace.DEPTH_UNPERSISTED)).isEqualTo("1");
    }

    @Test
    void cancellingTwiceIsCancellingOnce() throws Exception {
        String id = later();
        Answer first = api.delete("/v1/events/" + id);
        Answer second = api.delete("/v1/events/" + id);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(changes()).hasSize(1);
    }

    @Test
    void ofManyWhoCancelOneEventAllHearThatItIsAndTheBooksHearItOnce() throws Exception {
        String id = later();
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
            List<Future<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < 48; i++) {
                calls.add(callers.submit(() -> api.delete("/v1/events/" + id)));
            }
            for (Future<Answer> call : calls) {
                answers.add(call.get());
            }
        }
        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(changes()).hasSize(1);
    }

    @Test
    void anEventThatFellDueOrNeverWaitedIsPastCancelling() throws Exception {
        String promoted = later();
        space.server().command("ZADD", keys().scheduled(partition), "1000", Keyspace.scheduledMember(ref(promoted).id()));
        new Schedule(api.redis(), keys()).promote(new Lease(partition, "me", Long.parseLong(EPOCH)));
        String posted = api.post("/v1/scores", "{\"player\":\"alice\",\"add\":1}").json().path("id").stringValue();

        for (String id : List.of(promoted, posted)) {
            Answer answer = api.delete("/v1/events/" + id);
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.problem()).isEqualTo("not-scheduled");
            assertThat(answer.json().path("detail").stringValue()).isEqualTo("It is queued.");
        }
        assertThat(api.queued()).isEqualTo(2);
        assertThat(changes()).isEmpty();
    }

    @Test
    void anEventIsCancelledByItsClientOnly() {
        String id = later();
        String rival = api.createClient("rival");

        assertThat(api.deleteAs(rival, "/v1/events/" + id).status()).isEqualTo(404);
        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, "/v1/events/" + id).status()).isEqualTo(403);
        assertThat(api.deleteAs(null, "/v1/events/" + id).status()).isEqualTo(401);
        assertThat(api.delete("/v1/events/no-such-id").status()).isEqualTo(404);
        assertThat(api.get("/v1/events/" + id).json().path("status").stringValue()).isEqualTo("scheduled");
    }

    @Test
    void whereTheBooksAreTooFarBehindAnEventStaysScheduled() throws Exception {
        String id = later();
        space.server().command("HSET", keys().depth(partition), Keyspace.DEPTH_UNPERSISTED, "100000");

        Answer answer = api.delete("/v1/events/" + id);

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isNotEmpty();
        assertThat(changes()).isEmpty();
        assertThat(api.get("/v1/events/" + id).json().path("status").stringValue()).isEqualTo("scheduled");
    }

    @Test
    void noMoreCancelledEventsAreRememberedThanTheBoundAllows() {
        api.close();
        space.clear();
        api = RunningApi.start(space, Map.of("MILLRACE_SCHEDULED_MAX", "3"), EventHistory.none());
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(later());
            assertThat(api.delete("/v1/events/" + ids.getLast()).status()).isEqualTo(200);
        }
        assertThat(space.server().command("ZCARD", keys().cancelled(partition))).isEqualTo("3");
        assertThat(api.get("/v1/events/" + ids.getLast()).json().path("status").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void cancellationsCountAsBoardedUpToTheFirstChangeThatIsNot() throws Exception {
        cancelOne();
        cancelOne();
        assertThat(boarded()).isEqualTo(changeIds().getLast());

        String withPlayer = withPlayer();
        String before = boarded();
        cancelOne();
        assertThat(boarded()).as("a change with players in between is the owner's to put there").isEqualTo(before);

        space.server().command("SET", keys().boarded(partition), withPlayer);
        cancelOne();
        assertThat(boarded()).isEqualTo(changeIds().getLast());
    }

    private void cancelOne() {
        assertThat(api.delete("/v1/events/" + later()).status()).isEqualTo(200);
    }

    private String withPlayer() {
        StreamId id = StreamId.parse("5-1");
        Change change = new Change(1, Instant.now(), List.of(new PlayerChange(new PlayerKey("acme", "main", "alice"),
                new PlayerState(1, "GLOBAL", "all", 1, id, id, null), null)), List.of(), List.of());
        List<byte[]> fields = ChangeCodec.encode(change);
        Object[] body = new Object[fields.size()];
        for (int i = 0; i < body.length; i++) {
            body[i] = i % 2 == 0 ? new String(fields.get(i), StandardCharsets.UTF_8) : fields.get(i);
        }
        return api.redis().await(api.redis().command(keys().changes(partition), (commands, at) -> commands.xadd(at, body)));
    }

    private String later() {
        Answer answer = api.post("/v1/events", LATER);
        assertThat(answer.status()).isEqualTo(202);
        return answer.json().path("id").stringValue();
    }

    private EventRef ref(String id) {
        return api.namespace().eventIds().decode("acme", id).orElseThrow();
    }

    private Keyspace keys() {
        return api.namespace().keys();
    }

    private String boarded() {
        return String.valueOf(space.server().command("GET", keys().boarded(partition)));
    }

    private List<String> changeIds() {
        return entries().stream().map(StreamMessage::getId).toList();
    }

    private List<Change> changes() throws Exception {
        List<Change> changes = new ArrayList<>();
        for (StreamMessage<String, byte[]> entry : entries()) {
            changes.add(ChangeCodec.decode(entry.getBody()));
        }
        return changes;
    }

    private List<StreamMessage<String, byte[]>> entries() {
        return api.redis()
                .await(api.redis().command(keys().changes(partition), (commands, at) -> commands.xrange(at, Range.unbounded())));
    }
}
