package dev.millrace.ops.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.ops.testkit.RoleProcess;
import dev.millrace.ops.testkit.workload.HttpDoor;
import dev.millrace.schema.event.Priority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests that were damaged by chance: each gets an answer, none a 5xx, and the streams hold exactly what was answered as accepted. */
@RealRedis
@RealPostgres
final class PostingFuzzIT {
    private static final String CLIENT = "producer";
    private static final int SENDERS = 4;
    private static final Duration HUNG = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ITEM = "{\"type\":\"score.add\",\"id\":\"i%d\",\"data\":{\"player\":\"p%d\",\"value\":%d,\"name\":\"Zoë \\ud83c\\udfb2\"}}";
    private static final String CLOUD = "{\"specversion\":\"1.0\",\"id\":\"c%d\",\"source\":\"/s\",\"type\":\"score.add\",\"data\":{\"player\":\"p%d\",\"value\":%d}}";
    private static final List<String> CODINGS = List.of("gzip", "zstd", "identity", "br", "gzip, zstd");
    private static final List<String> TYPES = List.of("application/json", "application/x-ndjson", "application/cloudevents+json",
            "application/cloudevents-batch+json", "text/plain", "application/json; charset=utf-16");

    private final RedisSpace redis;
    private final Installation installation;

    PostingFuzzIT(RedisSpace redis, PostgresDatabase postgres) {
        this.redis = redis;
        this.installation = new Installation(redis.uri(), postgres.url(), postgres.jdbcUrl(), Map.of("MILLRACE_PARTITIONS", "8"));
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
    @Tag("faults")
    void aHundredThousandDamagedRequestsAreAnsweredAndCounted() throws Exception {
        send(100_000, System.nanoTime());
    }

    private void send(int requests, long seed) throws Exception {
        RoleProcess process = installation.launch(Installation.INGEST_API).awaitReady();
        String key = HttpDoor.createClient(process.api(), Installation.ADMIN_KEY, CLIENT);
        long accepted = 0;
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            List<Future<Long>> counts = new ArrayList<>();
            for (int sender = 0; sender < SENDERS; sender++) {
                Random random = new Random(seed + sender);
                counts.add(senders.submit(() -> send(requests / SENDERS, random, process.api(), key)));
            }
            for (Future<Long> count : counts) {
                accepted += count.get();
            }
        }
        assertThat(entries()).as("seed %d", seed).isEqualTo(accepted).isPositive();
        process.awaitReady();
    }

    /** How many events were answered as accepted for the first time. */
    private static long send(int requests, Random random, URI api, String key) throws Exception {
        long accepted = 0;
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int n = 0; n < requests; n++) {
                HttpRequest request = request(random, api, key);
                HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
                assertThat(answer.statusCode()).as("answer to %s %s: %s", request, request.headers(), new String(answer.body(), UTF_8))
                        .isLessThan(500);
                accepted += accepted(answer);
            }
        }
        return accepted;
    }

    private static long accepted(HttpResponse<byte[]> answer) {
        if (answer.statusCode() == 202) {
            return answer.headers().firstValue("Idempotency-Replayed").isPresent() ? 0 : 1;
        }
        JsonNode body = JSON.readTree(answer.body());
        if (answer.statusCode() == 200) {
            assertThat(body.path("accepted").longValue() + body.path("rejected").longValue()).isEqualTo(body.path("items").size());
            return body.path("items").valueStream().filter(item -> item.path("status").intValue() == 202 && !item.has("replayed")).count();
        }
        assertThat(body.path("status").intValue()).isEqualTo(answer.statusCode());
        return 0;
    }

    private static HttpRequest request(Random random, URI api, String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(one(random, List.of("/v1/events", "/v1/events", "/v1/scores",
                "/v1/jobs/none")))).timeout(HUNG).header("X-Api-Key", key);
        int kind = random.nextInt(TYPES.size());
        byte[] body = text(random, kind).getBytes(UTF_8);
        for (int times = random.nextInt(4); times > 0; times--) {
            body = damaged(random, body);
        }
        String type = TYPES.get(random.nextInt(20) == 0 ? random.nextInt(TYPES.size()) : kind);
        if (random.nextInt(12) == 0) {
            type = "application/json";
            request.header("ce-specversion", "1.0").header("ce-id", "b" + random.nextInt(50)).header("ce-source", "/s")
                    .header("ce-type", one(random, List.of("score.add", "score.set", "x", "%zz", "%00")));
        }
        if (random.nextInt(3) == 0) {
            String coding = one(random, CODINGS);
            body = encoded(coding, body);
            if (random.nextInt(4) == 0) {
                body = damaged(random, body);
            }
            request.header("Content-Encoding", coding);
        }
        if (random.nextInt(4) == 0) {
            request.header("Idempotency-Key", one(random, List.of("k" + random.nextInt(30), "\"q\"", "\"open", "a\\b")));
        }
        if (random.nextInt(4) == 0) {
            request.header("traceparent",
                    one(random, List.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-x", "ff", "01-")));
        }
        return request.header("Content-Type", type).POST(BodyPublishers.ofByteArray(body)).build();
    }

    private static String text(Random random, int kind) {
        return switch (kind) {
            case 1 -> items(random, ITEM, "\n", random.nextInt(40));
            case 2 -> items(random, CLOUD, "", 1);
            case 3 -> '[' + items(random, CLOUD, ",", random.nextInt(20)) + ']';
            default -> random.nextBoolean() ? items(random, ITEM, "", 1) : '[' + items(random, ITEM, ",", random.nextInt(40)) + ']';
        };
    }

    private static String items(Random random, String form, String between, int count) {
        List<String> items = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            items.add(form.formatted(random.nextInt(2_000), random.nextInt(20), random.nextInt()));
        }
        return String.join(between, items);
    }

    private static byte[] damaged(Random random, byte[] body) {
        if (body.length == 0) {
            return body;
        }
        int at = random.nextInt(body.length);
        int length = Math.min(body.length - at, 1 + random.nextInt(8));
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(body, 0, at);
        switch (random.nextInt(6)) {
            case 0 -> changed.write(random.nextInt(256));
            case 1 -> changed.writeBytes(Arrays.copyOfRange(body, at, body.length));
            case 2 -> changed.writeBytes("[[[[{\"a\":".repeat(random.nextInt(30)).getBytes(UTF_8));
            case 3 -> changed.writeBytes("9".repeat(random.nextInt(90)).getBytes(UTF_8));
            case 4 ->
                changed.writeBytes(one(random, List.of("\r\n", "\\u0000", "\\ud800", ",", "null", "-0", "1e999", "\"")).getBytes(UTF_8));
            default -> {
                // Cut out.
            }
        }
        changed.write(body, at + length, body.length - at - length);
        return random.nextInt(10) == 0 ? Arrays.copyOf(changed.toByteArray(), at) : changed.toByteArray();
    }

    private static byte[] encoded(String coding, byte[] body) {
        return switch (coding) {
            case "gzip" -> {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                    out.write(body);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                yield bytes.toByteArray();
            }
            case "zstd" -> Zstd.compress(body);
            default -> body;
        };
    }

    private static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
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
