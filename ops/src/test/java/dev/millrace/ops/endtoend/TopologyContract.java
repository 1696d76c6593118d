package dev.millrace.ops.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.ops.testkit.workload.Journal;
import dev.millrace.ops.testkit.workload.Load;
import dev.millrace.ops.testkit.workload.Oracle.Verdict;
import dev.millrace.ops.testkit.workload.Violation;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import dev.millrace.ops.testkit.workload.Workload;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What holds on every kind of Redis: the roles as processes of their own, under load, while processes and masters are killed. */
@Tag("topology")
@RealPostgres
@TestInstance(Lifecycle.PER_CLASS)
abstract class TopologyContract {
    static final int PER_SECOND = 1_000;
    static final Duration SOON = Duration.ofSeconds(60);
    private static final int PLAYERS = 2_000;

    final List<RoleProcess> processors = new ArrayList<>();
    Installation installation;
    private RoleProcess api;

    /** Starts the servers, and says where they are. */
    abstract String startRedis();

    abstract void stopRedis();

    /**
     * Kills a master that has a replica.
     *
     * @return brings the server back, and returns when the topology has all that it had
     */
    abstract Runnable killAMaster(Random random);

    @BeforeAll
    void start(PostgresDatabase postgres) {
        installation = new Installation(startRedis(), postgres.url(), postgres.jdbcUrl(), Map.of("MILLRACE_LEASE_TTL", "2s"));
        List<RoleProcess> started = installation.start(Installation.PROCESSOR, Installation.PROCESSOR, Installation.PERSISTER,
                Installation.INGEST_API);
        processors.addAll(started.subList(0, 2));
        api = started.getLast();
    }

    @AfterAll
    void stop() throws Exception {
        if (installation != null) {
            installation.close();
        }
        stopRedis();
    }

    @Test
    void whatIsPostedIsWorkedRankedAndWritten() throws Exception {
        Workload workload = Workload.random("posted", 300);
        int events = 3_000;
        String key = HttpDoor.createClient(api.api(), Installation.ADMIN_KEY, workload.client());
        Journal journal = installation.journal(name("posted"));
        try (HttpDoor door = new HttpDoor(api::api, key);
                Load load = Load.start(workload.events(events), door, journal, Load.Options.of(8, 20, PER_SECOND))) {
            load.await(SOON);
        }
        installation.assertPromisesKept(workload.client(), journal, SOON);
        assertThat(journal.accepted()).hasSize(events);
        assertThat(deadLetters()).as("scores that would pass the largest").isPositive();
        String id = journal.accepted().values().iterator().next().iterator().next();
        assertThat(get("/v1/events/" + id, key)).contains("\"completed\"");
        assertThat(get("/v1/boards/main/top?limit=5", key)).contains("\"rank\":1", "\"rank\":5");
        assertThat(get("/v1/boards/main/rank/p1", key)).contains("\"player\":\"p1\"");
        assertThat(get("/v1/boards/main/around/p1?range=2", key)).contains("\"self\"");
        assertThat(get("/v1/boards/main/players?players=p1,p2,nobody", key)).contains("\"player\":\"p1\"", "\"absent\":[\"nobody\"]");
        assertThat(get("/v1/boards/main/friends?players=p1,p2,p3", key)).contains("\"place\":1");
        assertThat(get("/v1/lanes/p1", key)).contains("\"owner\"");
    }

    @Test
    void aKilledProcessorsWorkIsTakenOver() throws Exception {
        Workload workload = Workload.random("killed", PLAYERS);
        int events = 6 * PER_SECOND;
        Journal journal = installation.journal(name("killed"));
        try (Load load = Load.start(workload.events(events), installation.admissionDoor(), journal, Load.Options.of(8, 20, PER_SECOND))) {
            await().atMost(SOON).until(() -> load.accepted() >= events / 4);
            processors.removeFirst().kill();
            processors.add(installation.launch(Installation.PROCESSOR));
            load.await(SOON);
        }
        installation.assertPromisesKept(workload.client(), journal, SOON);
        assertThat(journal.accepted()).hasSize(events);
        processors.getLast().awaitReady();
        await().atMost(SOON).until(() -> installation.owners().size() == installation.namespace.partitions().count());
    }

    /**
     * Replication is asynchronous: what a master acknowledged in its last moments may be gone with it. Everything else arrives, nothing twice
     * and nothing out of order, and no partition is left behind.
     */
    @Test
    void aKilledMasterCostsNothingButItsLastMoments() throws Exception {
        Workload workload = Workload.random("failover", PLAYERS);
        int events = 12 * PER_SECOND;
        Journal journal = installation.journal(name("failover"));
        Runnable back;
        Duration refused;
        try (Load load = Load.start(workload.events(events), installation.admissionDoor(), journal, Load.Options.of(8, 20, PER_SECOND))) {
            await().atMost(SOON).until(() -> load.accepted() >= 3 * PER_SECOND);
            load.forgetLongest();
            back = killAMaster(new Random(workload.seed()));
            load.await(SOON);
            refused = load.longestAnswer();
        }
        Verdict verdict = installation.check(workload.client(), journal, SOON);
        int lost = times(verdict, Promise.A);
        System.out.println("master killed: " + journal + ", " + lost + " lost, longest answer " + refused.toMillis() + " ms, drained in "
                + verdict.drainedIn().map(Duration::toMillis).orElse(-1L) + " ms");
        assertThat(verdict.violations()).as("%s", journal)
                .noneMatch(broken -> List.of(Promise.B, Promise.C, Promise.E).contains(broken.promise()));
        assertThat(lost).as("acknowledged in the master's last second and gone with it").isLessThan(PER_SECOND);
        if (lost == 0) {
            assertThat(verdict.violations()).isEmpty();
        }
        assertThat(journal.accepted()).hasSize(events);
        assertThat(journal.count("NotNow") + journal.count("Unknown")).as("answers while the master was away").isPositive();
        await().atMost(SOON).until(() -> installation.owners().size() == installation.namespace.partitions().count());
        back.run();
    }

    private static int times(Verdict verdict, Promise promise) {
        return verdict.violations().stream().filter(broken -> broken.promise() == promise).mapToInt(Violation::times).sum();
    }

    private String name(String load) {
        return getClass().getSimpleName() + '-' + load;
    }

    private long deadLetters() {
        long letters = 0;
        for (int partition = 0; partition < installation.namespace.partitions().count(); partition++) {
            letters += installation.redis
                    .await(installation.redis.command(installation.namespace.keys().dead(partition), (commands, at) -> commands.xlen(at)));
        }
        return letters;
    }

    private String get(String path, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api.api() + path)).header("X-Api-Key", key).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return answer.body();
        }
    }
}
