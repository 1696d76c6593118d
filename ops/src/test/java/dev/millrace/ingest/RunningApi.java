package dev.millrace.ingest;

import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.board.Rankings;
import dev.millrace.schema.event.Partitions;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An API that was started for a test, with a client {@code acme} whose key goes with every request unless it says otherwise. */
public final class RunningApi implements AutoCloseable {
    public static final String ADMIN_KEY = "the-administrator-of-these-tests";
    public static final String JWT_SECRET = "the-secret-of-tokens-in-these-tests";
    private static final int PARTITIONS = 8;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http = HttpClient.newHttpClient();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final RedisSpace space;
    private final Settings settings;
    private final IngestApi api;
    private final Redis redis;
    private final Namespace namespace;
    private final String key;

    private RunningApi(RedisSpace space, Map<String, String> environment, EventHistory history, @Nullable Rankings boards,
            @Nullable String keyOfAcme) {
        this.space = space;
        this.settings = settings(space, environment);
        this.api = new IngestApi(settings, metrics, history, boards);
        api.start();
        this.redis = Redis.connect(settings.redis(), Duration.ofSeconds(5));
        this.namespace = Namespace.open(redis, new Keyspace(space.namespace()), new Partitions(PARTITIONS));
        this.key = keyOfAcme == null ? createClient("acme") : keyOfAcme;
    }

    public static RunningApi start(RedisSpace space) {
        return start(space, Map.of(), EventHistory.none());
    }

    /** Starts one with settings of the test's own on top. */
    public static RunningApi start(RedisSpace space, Map<String, String> environment, EventHistory history) {
        return start(space, environment, history, null);
    }

    /** Starts one that has boards in the books, too. */
    public static RunningApi start(RedisSpace space, Map<String, String> environment, EventHistory history, @Nullable Rankings boards) {
        return new RunningApi(space, environment, history, boards, null);
    }

    /** Starts another on the same Redis, with settings of the test's own on top. */
    public RunningApi another(Map<String, String> environment) {
        return new RunningApi(space, environment, EventHistory.none(), null, key);
    }

    /** The settings of an API on that Redis, on any free port. */
    public static Settings settings(RedisSpace space, Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(Map.of("REDIS_URL", space.uri(), "MILLRACE_NAMESPACE", space.namespace(), "PORT", "0",
                "MILLRACE_ADMIN_KEY", ADMIN_KEY, "MILLRACE_KEY_PEPPER", "the-pepper-of-these-tests-only", "MILLRACE_PARTITIONS",
                Integer.toString(PARTITIONS), "MILLRACE_JWT_SECRET", JWT_SECRET));
        all.putAll(environment);
        return Settings.read(all);
    }

    /** An answer with its body read. */
    public record Answer(int status, HttpResponse<byte[]> response) {
        public JsonNode json() {
            return JSON.readTree(response.body());
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /** The last part of the problem's type; empty if it is no problem. */
        public String problem() {
            return header("Content-Type").equals("application/problem+json") ? json().path("type").stringValue("").replaceAll(".*/", "")
                    : "";
        }
    }

    /** Creates a client and returns its key. */
    public String createClient(String id) {
        Answer created = send(request("/v1/clients", ADMIN_KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"" + id + "\",\"name\":\"Client " + id + "\"}")).build());
        if (created.status() != 201) {
            throw new AssertionError("client not created: " + created.status() + ' ' + created.json());
        }
        return created.json().path("apiKey").stringValue();
    }

    public Answer post(String path, String body, String... headers) {
        return post(path, BodyPublishers.ofString(body), headers);
    }

    /**
     * Posts JSON as {@code acme}.
     *
     * @param headers names and values in turn, besides the key and the content type
     */
    public Answer post(String path, BodyPublisher body, String... headers) {
        return postOf("application/json", path, body, headers);
    }

    /**
     * Posts a body of any type as {@code acme}.
     *
     * @param headers names and values in turn, besides the key and the content type
     */
    public Answer postOf(String contentType, String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = request(path, key).header("Content-Type", contentType).POST(body);
        return send(headers.length == 0 ? request.build() : request.headers(headers).build());
    }

    public Answer get(String path) {
        return getAs(key, path);
    }

    public Answer getAs(@Nullable String apiKey, String path) {
        return send(request(path, apiKey).build());
    }

    public Answer postAs(@Nullable String apiKey, String path) {
        return send(request(path, apiKey).POST(BodyPublishers.noBody()).build());
    }

    public Answer delete(String path) {
        return deleteAs(key, path);
    }

    public Answer deleteAs(@Nullable String apiKey, String path) {
        return send(request(path, apiKey).DELETE().build());
    }

    public HttpRequest.Builder request(String path, @Nullable String apiKey) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
                .timeout(Duration.ofSeconds(20));
        return apiKey == null ? request : request.header("X-Api-Key", apiKey);
    }

    public Answer send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** How many events all streams hold. */
    public long queued() {
        return IntStream.range(0, PARTITIONS).mapToLong(partition -> Arrays.stream(Priority.values())
                .mapToLong(priority -> Long.parseLong(
                        String.valueOf(space.server().command("XLEN", namespace.keys().events(partition, priority)))))
                .sum()).sum();
    }

    public String key() {
        return key;
    }

    public int port() {
        return api.port();
    }

    public IngestApi api() {
        return api;
    }

    public SimpleMeterRegistry metrics() {
        return metrics;
    }

    public Settings settings() {
        return settings;
    }

    public Namespace namespace() {
        return namespace;
    }

    public Redis redis() {
        return redis;
    }

    @Override
    public void close() {
        http.close();
        api.stop(Duration.ofSeconds(5));
        redis.close();
    }
}
