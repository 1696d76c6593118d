package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RealRedis
final class HttpMannersTest {
    private static RunningApi api;

    @BeforeAll
    static void start(RedisSpace space) {
        api = RunningApi.start(space);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource({"GET,/,404,not-found", "GET,/v1,404,not-found", "GET,/v1/events,405,method-not-allowed", "GET,/v1/events/,404,not-found",
            "DELETE,/v1/scores,405,method-not-allowed", "PUT,/v1/clients/acme,405,method-not-allowed", "POST,/livez,405,method-not-allowed",
            "OPTIONS,/v1/scores,405,method-not-allowed", "GET,/V1/boards/main/top,404,not-found", "GET,/docs/,404,not-found",
            "GET,/v1/boards/a%2Fb/top,400,bad-request"})
    void whatIsNotOfferedIsAProblem(String method, String path, int status, String problem) {
        Answer answer = api.send(api.request(path, api.key()).method(method, BodyPublishers.noBody()).build());

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(answer.json().path("status").intValue()).isEqualTo(status);
        guarded(answer);
    }

    @Test
    void aMethodThatIsNotOfferedIsToldWhichAre() {
        assertThat(api.get("/v1/scores").header("Allow")).isEqualTo("POST");
        assertThat(api.post("/v1/boards/main/top", "{}").header("Allow").split(", ", -1)).containsExactlyInAnyOrder("GET", "HEAD");
    }

    @Test
    void answersThatACallerCanNotTakeAreNotGiven() {
        Answer answer = api.send(api.request("/v1/boards/main/top", api.key()).header("Accept", "text/html").build());

        assertThat(answer.status()).isEqualTo(406);
        assertThat(answer.problem()).isEqualTo("not-acceptable");
    }

    @Test
    void everyAnswerIsGuarded() {
        guarded(api.get("/livez"));
        guarded(api.get("/v1/clients/acme"));
        guarded(api.getAs(null, "/v1/boards/main/top"));
        guarded(api.post("/v1/scores", "{\"player\":\"alice\",\"add\":1}"));
        guarded(api.post("/v1/scores", "nonsense"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz", "/health", "/v1/boards/main/top", "/openapi.yaml", "/docs", "/docs/swagger-ui.css"})
    void headIsGetWithoutItsBody(String path) {
        Answer head = api.send(api.request(path, api.key()).HEAD().build());
        Answer get = api.get(path);

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.response().body()).isEmpty();
        assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
        assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
        assertThat(api.send(api.request("/v1/boards/main/top", null).HEAD().build()).status()).isEqualTo(401);
    }

    @Test
    void theServiceTellsOfItself() {
        assertThat(api.getAs(null, "/livez").json().path("status").stringValue()).isEqualTo("UP");
        assertThat(api.getAs(null, "/readyz").json().path("status").stringValue()).isEqualTo("UP");
        assertThat(api.getAs(null, "/health").json().at("/details/redis").stringValue()).isEqualTo("answers");
        Answer document = api.getAs(null, "/openapi.yaml");
        assertThat(document.header("Content-Type")).isEqualTo("application/yaml");
        assertThat(new String(document.response().body(), StandardCharsets.UTF_8)).startsWith("openapi: 3.1.0\n");
    }

    @Test
    void timesAreTakenByRouteAndNeverByPath() {
        api.get("/v1/events/some-id");
        api.get("/no/such/path");

        assertThat(api.metrics().get("millrace_http_requests").tag("route", "GET /v1/events/{id}").tag("status", "404").timer().count())
                .isEqualTo(1);
        assertThat(api.metrics().get("millrace_http_requests").tag("route", "none").tag("status", "404").timer().count()).isPositive();
        assertThat(api.metrics().getMeters()).noneMatch(meter -> meter.getId().toString().contains("some-id"));
    }

    @Test
    void headersAreBounded() {
        Answer answer = api.send(api.request("/livez", null).header("X-Long", "x".repeat(10_000)).build());

        assertThat(answer.status()).isEqualTo(431);
        assertThat(answer.problem()).isEqualTo("headers-too-large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONSENSE\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n", "GET /livez HTTP/9.9\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST /v1/scores HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"})
    void whatIsNoHttpIsRefusedWithAProblem(String request) throws IOException {
        String answer = raw(request);

        assertThat(answer).startsWith("HTTP/1.1 4").contains("application/problem+json").doesNotContainIgnoringCase("jetty");
    }

    @Test
    void aBodyThatBreaksOffIsRefused() throws IOException {
        String answer = raw("POST /v1/scores HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + api.key()
                + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnot-a-chunk\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("/problems/bad-request");
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void nobodyIsLetInFromOtherOriginsUnlessTheDeploymentNamesThem() {
        Answer answer = api.send(api.request("/v1/boards/main/top", api.key()).header("Origin", "https://play.example.com").build());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.response().headers().map().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"));
    }

    private static void guarded(Answer answer) {
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(answer.header("Server")).isEmpty();
        assertThat(answer.header("Set-Cookie")).isEmpty();
    }
}
