package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.Door.Answer;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Load;
import dev.millrace.ops.testkit.workload.ScoreEvent;
import dev.millrace.ops.testkit.workload.Workload;
import dev.millrace.schema.event.Priority;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The API goes away at the worst of times, and producers who ask again under the same id get one event. */
@RealRedis
@RealPostgres
final class IngestCrashIT {
    private static final String CLIENT = "producer";
    private static final Duration SOON = Duration.ofSeconds(60);

    private final RedisSpace redis;
    private final Installation installation;

    IngestCrashIT(RedisSpace redis, PostgresDatabase postgres) {
        this.redis = redis;
        this.installation = new Installation(redis.uri(), postgres.url(), postgres.jdbcUrl(), Map.of());
    }

    @AfterEach
    void close() throws Exception {
        installation.close();
    }

    @Test
    void anEventThatWasAppendedButNotAnsweredIsOneEventWhenItIsSentAgain() throws Exception {
        List<ScoreEvent> events = new Workload(CLIENT, 1, 1).events(2);
        try (RedisProxy proxy = RedisProxy.to(redis.server().port())) {
            RoleProcess crashing = installation.launch(Installation.INGEST_API, Map.of("REDIS_URL", proxy.uri())).awaitReady();
            String apiKey = HttpDoor.createClient(crashing.api(), Installation.ADMIN_KEY, CLIENT);
            AtomicReference<URI> api = new AtomicReference<>(crashing.api());
            try (HttpDoor door = new HttpDoor(api::get, apiKey)) {
                assertThat(door.post(events.subList(0, 1))).singleElement().isInstanceOf(Answer.Accepted.class);
                proxy.holdAnswersAfter(events.get(1).data().toJson());
                CompletableFuture<List<Answer>> cutOff = CompletableFuture.supplyAsync(() -> door.post(events.subList(1, 2)));
                await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> appended() == 2);
                crashing.kill();
                assertThat(cutOff.get(20, TimeUnit.SECONDS)).singleElement().isInstanceOf(Answer.Unknown.class);

                api.set(installation.launch(Installation.INGEST_API).awaitReady().api());
                List<Answer> again = door.post(events);
                assertThat(again).allMatch(answer -> answer instanceof Answer.Accepted accepted && accepted.replayed());
                assertThat(appended()).isEqualTo(2);
            }
        }
    }

    @Test
    void aRequestOfManyThatWasCutOffIsCompletedByTheSameRequest() throws Exception {
        String lines = IntStream.range(0, 3_000)
                .mapToObj(n -> "{\"type\":\"score.add\",\"data\":{\"player\":\"p0\",\"value\":" + n + "}}")
                .collect(Collectors.joining("\n"));
        try (RedisProxy proxy = RedisProxy.to(redis.server().port()); HttpClient http = HttpClient.newHttpClient()) {
            RoleProcess crashing = installation.launch(Installation.INGEST_API, Map.of("REDIS_URL", proxy.uri())).awaitReady();
            String apiKey = HttpDoor.createClient(crashing.api(), Installation.ADMIN_KEY, CLIENT);
            proxy.holdAnswersAfter("\"value\":500}");
            CompletableFuture<HttpResponse<String>> cutOff = http.sendAsync(bulk(crashing.api(), apiKey, lines), BodyHandlers.ofString());
            await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> appended() > 500);
            crashing.kill();
            // It broke off, or on a slow machine was answered that Redis does not answer.
            assertThat(cutOff.handle((_, _) -> true)).succeedsWithin(Duration.ofSeconds(20));
            long appended = appended();
            assertThat(appended).isLessThan(3_000);

            URI api = installation.launch(Installation.INGEST_API).awaitReady().api();
            HttpResponse<String> again = http.send(bulk(api, apiKey, lines), BodyHandlers.ofString());
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(again.body()).contains("\"accepted\":3000,\"rejected\":0,\"errors\":false");
            assertThat(again.body().split("\"replayed\":true", -1)).as("answered as they were the first time").hasSize((int) appended + 1);
            assertThat(appended()).isEqualTo(3_000);
        }
    }

    private static HttpRequest bulk(URI api, String apiKey, String lines) {
        return HttpRequest.newBuilder(api.resolve("/v1/events")).timeout(SOON).header("X-Api-Key", apiKey)
                .header("Content-Type", "application/x-ndjson").header("Idempotency-Key", "import-1").POST(BodyPublishers.ofString(lines))
                .build();
    }

    @Test
    void producersWhoAskAgainAfterCrashesOfTheApiGetEachEventOnce() throws Exception {
        Workload workload = Workload.random(CLIENT, 200);
        installation.start(Installation.PROCESSOR, Installation.PERSISTER);
        AtomicReference<RoleProcess> api = new AtomicReference<>(installation.launch(Installation.INGEST_API).awaitReady());
        String apiKey = HttpDoor.createClient(api.get().api(), Installation.ADMIN_KEY, CLIENT);
        Journal journal = installation.journal("ingest-crash");
        int events = 2_000;
        try (HttpDoor door = new HttpDoor(() -> api.get().api(), apiKey);
                Load load = Load.start(workload.events(events), door, journal, Load.Options.of(16, 1, 1_000))) {
            for (int crash = 1; crash <= 2; crash++) {
                int until = events * crash / 4;
                await().atMost(SOON).until(() -> load.accepted() >= until);
                api.get().kill();
                api.set(installation.launch(Installation.INGEST_API).awaitReady());
            }
            load.await(SOON);
        }
        installation.assertPromisesKept(CLIENT, journal, SOON);
        assertThat(journal.accepted()).hasSize(events);
        assertThat(journal.count("Unknown")).as("posts that a crash cut off, or that found nobody").isPositive();
    }

    private long appended() {
        int partition = installation.namespace.partitions().of(CLIENT, "p0");
        return Long.parseLong(redis.server().command("XLEN", installation.namespace.keys().events(partition, Priority.NORMAL)));
    }
}
