package dev.millrace.ops.launcher.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.Version;
import dev.millrace.ops.launcher.FakeService;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.service.Health;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ManagementEndpointTest {
    private final FakeService ingest = new FakeService("ingest-api", List.of());
    private final FakeService persister = new FakeService("persister", List.of());
    private final ProcessState state = new ProcessState();
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final ManagementEndpoint endpoint = ManagementEndpoint.start(0, state, metrics.registry(), Instant.now().minusSeconds(90));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        endpoint.close();
        metrics.close();
    }

    @Test
    void aliveIsWhoeverAnswers() {
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        state.stopping();
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void readyIsBetweenStartAndStop() {
        state.starting(List.of(ingest, persister));
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        state.running();
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        state.stopping();
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(json("/readyz").get("phase").asString()).isEqualTo("stopping");
    }

    @Test
    void oneServiceThatIsDownMakesTheProcessUnready() {
        running();
        persister.health = () -> Health.down("no Postgres");
        HttpResponse<String> answer = get("/readyz");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode services = json("/readyz").get("services");
        assertThat(services.get("ingest-api").asString()).isEqualTo("UP");
        assertThat(services.get("persister").asString()).isEqualTo("DOWN");
    }

    @Test
    void oneThatIsDegradedDoesNot() {
        running();
        ingest.health = () -> new Health(Health.Status.DEGRADED, Map.of("why", "Redis is slow"));
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void aServiceWhoseHealthFailsIsDown() {
        running();
        ingest.health = () -> {
            throw new IllegalStateException("who knows");
        };
        assertThat(json("/health").get("services").get("ingest-api").get("status").asString()).isEqualTo("DOWN");
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test
    void healthTellsVersionUptimeAndDetails() {
        running();
        ingest.health = () -> Health.up(Map.of("redis", "answers"));
        JsonNode summary = json("/health");
        assertThat(summary.get("ready").asBoolean()).isTrue();
        assertThat(summary.get("version").asString()).isEqualTo(Version.current());
        assertThat(summary.get("uptimeSeconds").asLong()).isBetween(90L, 150L);
        assertThat(summary.get("services").get("ingest-api").get("status").asString()).isEqualTo("UP");
        assertThat(summary.get("services").get("ingest-api").get("redis").asString()).isEqualTo("answers");
    }

    @Test
    void metricsShowTheProcessItsServicesAndWhatTheyCount() {
        running();
        persister.health = () -> Health.down("no Postgres");
        metrics.watch(List.of(ingest, persister));
        Metric.ADMITTED.counter(metrics.registry(), "score.add").increment(3);
        Metric.ADMIT_TIME.timer(metrics.registry()).record(Duration.ofMillis(2));
        HttpResponse<String> answer = get("/metrics");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body().lines())
                .contains("millrace_service_ready{role=\"ingest-api\"} 1.0", "millrace_service_ready{role=\"persister\"} 0.0",
                        "millrace_events_admitted_total{type=\"score.add\"} 3.0", "millrace_admit_seconds_count 1")
                .anySatisfy(line -> assertThat(line).startsWith("jvm_memory_used_bytes{"))
                .anySatisfy(line -> assertThat(line).startsWith("process_uptime_seconds "));
    }

    @Test
    void openMetricsGoesToThoseWhoAcceptIt() throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                request("/metrics").header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5").build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
        assertThat(answer.body()).endsWith("# EOF\n");
    }

    @Test
    void anythingElseIsNotThere() {
        HttpResponse<String> answer = get("/v1/events");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("/readyz");
    }

    private void running() {
        state.starting(List.of(ingest, persister));
        state.running();
    }

    private JsonNode json(String path) {
        return JsonMapper.builder().build().readTree(get(path).body());
    }

    private HttpResponse<String> get(String path) {
        try {
            return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path)).timeout(Duration.ofSeconds(10));
    }
}
