package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.TestServers;
import dev.millrace.schema.event.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With {@code MILLRACE_DURABILITY=replicas:1}, nothing is accepted that the master alone has. */
@RealRedis(own = true)
final class ReplicatedPostingTest {
    private static final Duration RECOVERY = Duration.ofSeconds(60);
    private static final String ADD_ONE = "{\"player\":\"alice\",\"add\":1}";

    private final RedisSpace space;
    private final EmbeddedRedis replica;
    private RunningApi api;

    ReplicatedPostingTest(RedisSpace space) {
        this.space = space;
        space.server().command("CONFIG", "SET", "repl-diskless-sync-delay", "0");
        this.replica = EmbeddedRedis.start(TestServers.redisOptions().withExtraConfig("replicaof 127.0.0.1 " + space.server().port(),
                "repl-diskless-sync-delay 0"));
    }

    @BeforeEach
    void start() {
        space.clear();
        inStep();
        api = RunningApi.start(space, Map.of("MILLRACE_DURABILITY", "replicas:1"), EventHistory.none());
    }

    @AfterEach
    void stop() {
        api.close();
        replica.close();
    }

    private void inStep() {
        await().atMost(RECOVERY).until(() -> String.valueOf(space.server().command("INFO", "replication")).contains("state=online")
                && "1".equals(space.server().command("WAIT", "1", "100")));
    }

    @Test
    void whatIsAcceptedIsOnTheReplica() {
        for (int n = 1; n <= 100; n++) {
            assertThat(api.post("/v1/scores", ADD_ONE).status()).isEqualTo(202);
            assertThat(onReplica()).isGreaterThanOrEqualTo(n);
        }
        Answer bulk = api.post("/v1/events", "[{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":1}},"
                + "{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":1},\"delay\":\"PT1H\"}]");
        assertThat(bulk.json().path("accepted").intValue()).isEqualTo(2);
        assertThat(onReplica()).isEqualTo(101);
    }

    @Test
    void oneWaitIsForManyPosts() throws Exception {
        assertThat(api.post("/v1/scores", ADD_ONE).status()).isEqualTo(202);
        long before = waits();
        int posts = 1_500;
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(48)) {
            List<Future<Answer>> answers = IntStream.range(0, posts)
                    .mapToObj(n -> callers.submit(() -> api.post("/v1/scores", "{\"player\":\"p" + n % 40 + "\",\"add\":1}"))).toList();
            for (Future<Answer> answer : answers) {
                statuses.add(answer.get().status());
            }
        }

        assertThat(statuses).containsOnly(202);
        assertThat(waits() - before).isPositive().isLessThan(posts * 2 / 3);
        assertThat(api.queued()).isEqualTo(posts + 1);
    }

    @Test
    void whatNoReplicaAcknowledgesIsUnknownAndThenNothingIsAppendedUntilOneIsInStep() {
        assertThat(api.post("/v1/scores", ADD_ONE).status()).isEqualTo(202);
        replica.pause();

        unavailable(api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k"), "unknown");
        long appended = api.queued();
        assertThat(appended).isEqualTo(2);
        for (int n = 0; n < 5; n++) {
            unavailable(api.post("/v1/scores", ADD_ONE), "not_appended");
        }
        assertThat(api.queued()).isEqualTo(appended);

        replica.resume();
        await().atMost(RECOVERY).until(() -> api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k").status() == 202);
        Answer again = api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k");
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(api.queued()).isEqualTo(appended);
        assertThat(onReplica()).isEqualTo(appended);
    }

    @Test
    void anAnswerThatIsGivenAgainWaitsForReplicasToo() {
        String later = "{\"type\":\"score.add\",\"id\":\"later\",\"delay\":\"PT1H\",\"data\":{\"player\":\"alice\",\"value\":1}}";
        assertThat(api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k").status()).isEqualTo(202);
        assertThat(api.post("/v1/events", later).status()).isEqualTo(202);
        replica.pause();
        try {
            unavailable(api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k"), "unknown");
        } finally {
            replica.resume();
        }
        await().atMost(RECOVERY).until(() -> api.post("/v1/scores", ADD_ONE, "Idempotency-Key", "k").status() == 202);
        replica.pause();
        try {
            unavailable(api.post("/v1/events", later), "unknown");
        } finally {
            replica.resume();
        }
        await().atMost(RECOVERY).until(() -> api.post("/v1/events", later).status() == 202);
        assertThat(api.queued()).isEqualTo(1);
    }

    @Test
    void whatIsCancelledIsCancelledOnTheReplica() {
        String later = "{\"type\":\"score.add\",\"delay\":\"PT1H\",\"data\":{\"player\":\"alice\",\"value\":1}}";
        String cancelled = api.post("/v1/events", later).json().path("id").stringValue();
        String unknown = api.post("/v1/events", later).json().path("id").stringValue();
        String kept = api.post("/v1/events", later).json().path("id").stringValue();
        assertThat(scheduledOnReplica()).isEqualTo("3");

        assertThat(api.delete("/v1/events/" + cancelled).status()).isEqualTo(200);
        assertThat(scheduledOnReplica()).isEqualTo("2");

        replica.close();
        await().atMost(RECOVERY).until(() -> String.valueOf(space.server().command("INFO", "replication")).contains("connected_slaves:0"));
        // The first one shows that the replica is gone; from then on nothing is sent.
        assertThat(api.delete("/v1/events/" + unknown).problem()).isEqualTo("unavailable");
        assertThat(api.delete("/v1/events/" + kept).status()).isEqualTo(503);
        assertThat(api.get("/v1/events/" + kept).json().path("status").stringValue()).isEqualTo("scheduled");
    }

    private String scheduledOnReplica() {
        return replica.command("ZCARD", api.namespace().keys().scheduled(api.namespace().partitions().of("acme", "alice")));
    }

    @Test
    void withoutReplicasNothingIsEverAppended() {
        replica.close();
        await().atMost(RECOVERY).until(() -> String.valueOf(space.server().command("INFO", "replication")).contains("connected_slaves:0"));

        unavailable(api.post("/v1/scores", ADD_ONE), "not_appended");
        Answer bulk = api.post("/v1/events", "[{\"type\":\"score.add\",\"data\":{\"player\":\"alice\",\"value\":1}}]");
        assertThat(bulk.json().at("/items/0/status").intValue()).isEqualTo(503);
        assertThat(bulk.json().at("/items/0/problem/outcome").stringValue()).isEqualTo("not_appended");
        assertThat(api.queued()).isZero();
    }

    private static void unavailable(Answer answer, String outcome) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().path("outcome").stringValue()).isEqualTo(outcome);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
    }

    private long onReplica() {
        int partition = api.namespace().partitions().of("acme", "alice");
        return Long.parseLong(String.valueOf(replica.command("XLEN", api.namespace().keys().events(partition, Priority.NORMAL))));
    }

    private long waits() {
        Matcher calls = Pattern.compile("cmdstat_wait:calls=(\\d+)")
                .matcher(String.valueOf(space.server().command("INFO", "commandstats")));
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }
}
