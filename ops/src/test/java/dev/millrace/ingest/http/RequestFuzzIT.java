package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.http.FuzzedCalls.Call;
import dev.millrace.ingest.http.WireAnswers.WireAnswer;
import dev.millrace.ops.endtoend.Installation;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.schema.event.Priority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that were damaged by chance: each gets an answer, none a 5xx, the streams hold exactly what was answered as accepted, and the process
 * needs no more memory at the end than after the first of them.
 */
@RealRedis
@RealPostgres
final class RequestFuzzIT {
    private static final String CLIENT = "producer";
    private static final String ACCOUNT = "{\"client\":\"" + CLIENT + "\",\"user\":\"ann\",\"password\":\"correct horse battery\"}";
    private static final int SENDERS = 4;
    private static final Duration HUNG = Duration.ofSeconds(60);
    private static final long MEBI = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RedisSpace redis;
    private final Installation installation;

    RequestFuzzIT(RedisSpace redis, PostgresDatabase postgres) {
        this.redis = redis;
        this.installation = new Installation(redis.uri(), postgres.url(), postgres.jdbcUrl(),
                Map.of("MILLRACE_PARTITIONS", "8", "MILLRACE_REDIS_TIMEOUT", "10s", "MILLRACE_JWT_SECRET",
                        "the-secret-of-tokens-in-these-tests"));
    }

    @AfterEach
    void close() throws Exception {
        installation.close();
    }

    @Test
    void damagedRequestsAreAnsweredAndCounted() throws Exception {
        send(5_000, 20_260_301L);
    }

    @Test
    @Tag("fuzz")
    void aHundredThousandDamagedRequestsAreAnsweredAndCounted() throws Exception {
        send(Integer.getInteger("millrace.requests", 100_000),
                Optional.ofNullable(Long.getLong("millrace.seed")).orElseGet(System::nanoTime));
    }

    /** What became of requests. */
    private record Tally(long accepted, long longestMillis, Map<Integer, Integer> statuses) {
        Tally plus(Tally other) {
            Map<Integer, Integer> both = new TreeMap<>(statuses);
            other.statuses.forEach((status, count) -> both.merge(status, count, Integer::sum));
            return new Tally(accepted + other.accepted, Math.max(longestMillis, other.longestMillis), both);
        }
    }

    /** What a process needs: the objects that live on its heap, and all memory that it has of the machine. */
    private record Memory(long live, long resident) {
        static Memory of(RoleProcess process) {
            return new Memory(process.liveBytes(), process.residentBytes());
        }
    }

    private void send(int requests, long seed) throws Exception {
        RoleProcess process = installation.launch(Installation.INGEST_API).awaitReady();
        String key = HttpDoor.createClient(process.api(), Installation.ADMIN_KEY, CLIENT);
        String other = HttpDoor.createClient(process.api(), Installation.ADMIN_KEY, FuzzedCalls.BYSTANDER);
        FuzzedPosts posts = new FuzzedPosts(process.api(), key, HUNG);
        FuzzedCalls calls = new FuzzedCalls(credentials(process.api(), key, other));
        List<Random> randoms = IntStream.range(0, SENDERS).mapToObj(sender -> new Random(seed + sender)).toList();

        Tally first = send(requests / 5, randoms, process.api(), posts, calls);
        Memory before = Memory.of(process);
        Tally all = first.plus(send(requests - requests / 5, randoms, process.api(), posts, calls));
        Memory after = Memory.of(process);
        System.out.printf(
                "%,d damaged requests, seed %d: %,d events accepted, answers %s, the longest after %,d ms; memory after a fifth and"
                        + " after all: heap %.1f → %.1f MiB, resident %d → %d MiB%n",
                requests, seed, all.accepted(), all.statuses(),
                all.longestMillis(), before.live() / (double) MEBI, after.live() / (double) MEBI, before.resident() / MEBI,
                after.resident() / MEBI);

        assertThat(entries()).as("seed %d", seed).isEqualTo(all.accepted()).isPositive();
        assertThat(after.live()).as("bytes on the heap, seed %d", seed).isLessThan(before.live() + 12 * MEBI);
        assertThat(after.resident()).as("resident bytes, seed %d", seed).isLessThan(before.resident() + 96 * MEBI);
        process.awaitReady();
    }

    /** Lines that let somebody in: the administrator, two clients, and a user by token and by session. */
    private static List<String> credentials(URI api, String key, String other) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(post(http, api, "/v1/auth/register", request -> request.header("X-Api-Key", Installation.ADMIN_KEY)).statusCode())
                    .isEqualTo(201);
            JsonNode in = JSON.readTree(post(http, api, "/v1/auth/login", request -> request).body());
            return List.of("X-Api-Key: " + key, "X-Api-Key: " + key, "X-Api-Key: " + other, "X-Api-Key: " + Installation.ADMIN_KEY,
                    "Authorization: Bearer " + in.path("token").stringValue(), "Authorization: Bearer " + in.path("session").stringValue());
        }
    }

    private static HttpResponse<byte[]> post(HttpClient http, URI api, String path, UnaryOperator<HttpRequest.Builder> with)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(path)).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(ACCOUNT));
        return http.send(with.apply(request).build(), BodyHandlers.ofByteArray());
    }

    private static Tally send(int requests, List<Random> randoms, URI api, FuzzedPosts posts, FuzzedCalls calls) throws Exception {
        Tally all = new Tally(0, 0, Map.of());
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            List<Future<Tally>> tallies = new ArrayList<>();
            for (int sender = 0; sender < SENDERS; sender++) {
                Random random = randoms.get(sender);
                int count = requests / SENDERS + (sender < requests % SENDERS ? 1 : 0);
                tallies.add(senders.submit(() -> send(count, random, api, posts, calls)));
            }
            for (Future<Tally> tally : tallies) {
                all = all.plus(tally.get());
            }
        }
        return all;
    }

    private static Tally send(int requests, Random random, URI api, FuzzedPosts posts, FuzzedCalls calls) throws Exception {
        long accepted = 0;
        long longest = 0;
        Map<Integer, Integer> statuses = new TreeMap<>();
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int n = 0; n < requests; n++) {
                long begin = System.nanoTime();
                List<WireAnswer> answers = random.nextInt(2) == 0 ? post(http, posts.next(random)) : call(api, calls.next(random));
                longest = Math.max(longest, System.nanoTime() - begin);
                for (WireAnswer answer : answers) {
                    accepted += accepted(answer);
                    statuses.merge(answer.status(), 1, Integer::sum);
                }
            }
        }
        return new Tally(accepted, longest / 1_000_000, statuses);
    }

    private static List<WireAnswer> post(HttpClient http, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as("answer to %s %s: %s", request, request.headers(), answer.body()).isLessThan(500);
        if (answer.statusCode() != 200 && answer.statusCode() != 202) {
            assertThat(JSON.readTree(answer.body()).path("status").intValue()).isEqualTo(answer.statusCode());
        }
        return List.of(new WireAnswer(answer.statusCode(), answer.headers().firstValue("Idempotency-Replayed").isPresent(), answer.body()));
    }

    private static List<WireAnswer> call(URI api, Call call) throws IOException {
        List<WireAnswer> answers = WireAnswers.to(api, call.wire(), call.head(), HUNG);
        assertThat(answers).as("answers to %s", call.text()).allSatisfy(answer -> assertThat(answer.status())
                .as(answer.body()).isLessThan(500));
        if (call.whole()) {
            assertThat(answers).as("answers to %s", call.text()).isNotEmpty();
        }
        return answers;
    }

    /** How many events were answered as accepted for the first time. */
    private static long accepted(WireAnswer answer) {
        if ((answer.status() != 200 && answer.status() != 202) || !answer.body().startsWith("{")) {
            return 0;
        }
        JsonNode body = JSON.readTree(answer.body());
        if (answer.status() == 202) {
            return body.has("lane") && !answer.replayed() ? 1 : 0;
        }
        if (!body.has("accepted") || !body.has("rejected")) {
            return 0;
        }
        assertThat(body.path("accepted").longValue() + body.path("rejected").longValue()).isEqualTo(body.path("items").size());
        return body.path("items").valueStream().filter(item -> item.path("status").intValue() == 202 && !item.has("replayed")).count();
    }

    private long entries() {
        long entries = 0;
        for (int partition = 0; partition < installation.namespace.partitions().count(); partition++) {
            for (Priority priority : Priority.values()) {
                entries += number("XLEN", installation.namespace.keys().events(partition, priority));
            }
            entries += number("ZCARD", installation.namespace.keys().scheduled(partition));
        }
        return entries;
    }

    private long number(String... command) {
        return Long.parseLong(String.valueOf(redis.server().command(command)));
    }
}
