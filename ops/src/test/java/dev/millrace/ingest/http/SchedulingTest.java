package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import io.lettuce.core.RedisClient;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RealRedis
final class SchedulingTest {
    private static final String ORDER = "{\"type\":\"order.paid\",\"data\":{\"total\":1.5}";

    private final RedisSpace space;
    private Path types;
    private RunningApi api;

    SchedulingTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        space.clear();
        types = folder;
        Files.writeString(folder.resolve("order.paid.json"), "{\"type\":\"object\"}");
        api = start(Map.of());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void anEventOfTheDeploymentsOwnTypeGoesToTheStreamOfItsPriority() {
        Answer answer = api.post("/v1/events", ORDER + ",\"lane\":\"order-7\",\"priority\":\"high\"}");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().path("lane").stringValue()).isEqualTo("order-7");
        assertThat(answer.json().path("status").stringValue()).isEqualTo("queued");
        EventRef ref = ref(answer);
        assertThat(ref.priority()).isEqualTo(Priority.HIGH);
        assertThat(ref.partition()).isEqualTo(api.namespace().partitions().of("acme", "order-7"));
        assertThat(length(ref.partition(), Priority.HIGH)).isEqualTo("1");
        assertThat(depth(ref.partition())).containsOnlyKeys("l:high/acme/order-7", "c:acme");
    }

    @Test
    void anEventForLaterWaitsInTheScheduleAndCountsNowhereElse() {
        Answer answer = api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\"}");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().path("status").stringValue()).isEqualTo("scheduled");
        EventRef ref = ref(answer);
        assertThat(ref.scheduled()).isTrue();
        assertThat(Instant.parse(answer.json().path("runAt").stringValue())).isEqualTo(ref.id().time().plus(Duration.ofHours(1)));
        assertThat(api.queued()).isZero();
        assertThat(depth(ref.partition())).isEmpty();
        assertThat(score(ref)).isEqualTo(Long.toString(ref.id().ms() + 3_600_000));
        assertThat(api.redis().hgetall(keys().scheduledPayloads(ref.partition())))
                .containsOnlyKeys(Keyspace.scheduledMember(ref.id()), Keyspace.SCHEDULED_LAST);
        assertThat(api.metrics().get("millrace_events_admitted_total").tag("type", "order.paid").counter().count()).isEqualTo(1);
    }

    @Test
    void aScoreMayBeForLater() {
        Instant time = Instant.parse("2026-01-01T00:00:00.250Z").plus(Duration.ofDays(36_500));
        api.close();
        api = start(Map.of("MILLRACE_RUN_AT_MAX", "3650d"));
        Instant soon = Instant.now().plus(Duration.ofDays(100)).truncatedTo(ChronoUnit.MILLIS);

        Answer answer = api.post("/v1/events", score("\"runAt\":\"" + soon + '"'));

        assertThat(answer.json().path("runAt").stringValue()).isEqualTo(soon.toString());
        assertThat(score(ref(answer))).isEqualTo(Long.toString(soon.toEpochMilli()));
        assertThat(api.post("/v1/events", score("\"runAt\":\"" + time + '"')).status()).isEqualTo(422);
    }

    @Test
    void anEventThatIsDueAlreadyIsAcceptedLikeAnyOther() {
        Answer past = api.post("/v1/events", score("\"runAt\":\"2020-01-01T00:00:00Z\",\"id\":\"k\""));
        Answer now = api.post("/v1/events", score("\"delay\":\"PT0S\""));

        assertThat(List.of(past, now)).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.json().path("status").stringValue()).isEqualTo("queued");
            assertThat(answer.json().has("runAt")).isFalse();
        });
        assertThat(api.queued()).isEqualTo(2);
        Answer again = api.post("/v1/events", score("\"runAt\":\"2020-01-01T00:00:00Z\",\"id\":\"k\""));
        assertThat(again.json()).isEqualTo(past.json());
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    }

    @Test
    void aRepeatedPostIsAnsweredAsTheFirstOne() {
        String body = ORDER + ",\"id\":\"k\",\"delay\":\"PT1H\"}";
        Answer first = api.post("/v1/events", body);
        Answer second = api.post("/v1/events", body);

        assertThat(second.json()).isEqualTo(first.json());
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(scheduled(ref(first).partition())).isEqualTo("1");
        for (String other : List.of("\"delay\":\"PT2H\"", "\"delay\":\"PT0S\"", "\"runAt\":\"" + Instant.now().plusSeconds(9) + '"')) {
            assertThat(api.post("/v1/events", ORDER + ",\"id\":\"k\"," + other + '}').problem()).isEqualTo("key-reused");
        }
    }

    @Test
    void idsOfAScheduleGrowEvenWhereItsClockHasGoneBack() {
        List<StreamId> ids = new ArrayList<>();
        int partition = ref(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\"}")).partition();
        String ahead = Keyspace.scheduledMember(new StreamId(System.currentTimeMillis() + 3_600_000, 7));
        space.server().command("HSET", keys().scheduledPayloads(partition), Keyspace.SCHEDULED_LAST, ahead);
        for (int i = 0; i < 20; i++) {
            ids.add(ref(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\"}")).id());
        }
        assertThat(ids).isSorted().doesNotHaveDuplicates()
                .allSatisfy(id -> assertThat(Keyspace.scheduledMember(id)).isGreaterThan(ahead));
    }

    @Test
    void aFullScheduleAnswers429AndOthersGoOn() {
        api.close();
        api = start(Map.of("MILLRACE_SCHEDULED_MAX", "2"));
        String later = ORDER + ",\"delay\":\"PT1H\"}";
        assertThat(api.post("/v1/events", later).status()).isEqualTo(202);
        assertThat(api.post("/v1/events", later).status()).isEqualTo(202);

        Answer refused = api.post("/v1/events", later);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.problem()).isEqualTo("schedule-full");
        assertThat(refused.header("Retry-After")).isNotEmpty();
        assertThat(api.post("/v1/events", ORDER + '}').status()).isEqualTo(202);
    }

    @Test
    void aFullDedupeWindowRefusesKeysInTheScheduleToo() {
        api.close();
        api = start(Map.of("MILLRACE_DEDUPE_MAX", "1"));
        assertThat(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\",\"id\":\"1\"}").status()).isEqualTo(202);
        assertThat(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\",\"id\":\"2\"}").problem()).isEqualTo("dedupe-full");
        assertThat(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\"}").status()).isEqualTo(202);
    }

    @Test
    void aClientPastItsShareOfAPartitionGets429() {
        api.close();
        api = start(Map.of("MILLRACE_CLIENT_MAX", "2"));
        assertThat(api.post("/v1/events", ORDER + ",\"priority\":\"low\"}").status()).isEqualTo(202);
        assertThat(api.post("/v1/events", ORDER + ",\"priority\":\"high\"}").status()).isEqualTo(202);

        assertThat(api.post("/v1/events", ORDER + '}').problem()).isEqualTo("client-full");
        assertThat(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\"}").status()).as("one for later does not count yet").isEqualTo(202);
        assertThat(api.queued()).isEqualTo(2);
    }

    @Test
    void theBellRingsForTheNextThatFallsDueOnly() {
        Queue<String> rung = new ConcurrentLinkedQueue<>();
        RedisClient client = RedisClient.create(space.uri());
        try (StatefulRedisPubSubConnection<String, String> listener = client.connectPubSub()) {
            listener.addListener(new RedisPubSubAdapter<String, String>() {
                @Override
                public void message(String channel, String message) {
                    rung.add(message);
                }
            });
            listener.sync().subscribe(keys().bell(), "end");
            String partition = Integer.toString(ref(api.post("/v1/events", ORDER + ",\"delay\":\"PT2H\"}")).partition());
            api.post("/v1/events", ORDER + ",\"delay\":\"PT3H\"}");
            api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\"}");
            space.server().command("PUBLISH", "end", "end");

            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(rung).contains("end"));
            assertThat(rung).containsExactly(partition, partition, "end");
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }

    @Test
    void aKeyOfAWrongTypeFailsBeforeAnythingIsWritten() {
        int partition = api.namespace().partitions().of("acme", "acme");
        space.server().command("SET", keys().scheduledPayloads(partition), "not a hash");

        assertThat(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\",\"id\":\"k\"}").status()).isEqualTo(500);
        assertThat(scheduled(partition)).isEqualTo("0");
        space.server().command("DEL", keys().scheduledPayloads(partition));
        assertThat(api.post("/v1/events", ORDER + ",\"delay\":\"PT1H\",\"id\":\"k\"}").status()).isEqualTo(202);
    }

    private RunningApi start(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("MILLRACE_TYPES", types.toString());
        return RunningApi.start(new RedisSpace(space.server(), space.namespace() + environment.hashCode()), all, EventHistory.none());
    }

    private static String score(String members) {
        return "{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":1}," + members + '}';
    }

    private Keyspace keys() {
        return api.namespace().keys();
    }

    private EventRef ref(Answer answer) {
        return api.namespace().eventIds().decode("acme", answer.json().path("id").stringValue("")).orElseThrow();
    }

    private String score(EventRef ref) {
        return String.valueOf(
                space.server().command("ZSCORE", keys().scheduled(ref.partition()), Keyspace.scheduledMember(ref.id())));
    }

    private String scheduled(int partition) {
        return String.valueOf(space.server().command("ZCARD", keys().scheduled(partition)));
    }

    private String length(int partition, Priority priority) {
        return String.valueOf(space.server().command("XLEN", keys().events(partition, priority)));
    }

    private Map<String, byte[]> depth(int partition) {
        return api.redis().hgetall(keys().depth(partition));
    }
}
