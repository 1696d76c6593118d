package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers are told where the deployment names origins. */
@RealRedis
final class CorsTest {
    private static final String SAFE = "https://play.example.com";
    private static final String PLAIN = "http://localhost:3000";
    private static final String BOARD = "/v1/boards/main/top";

    private static RunningApi api;

    @BeforeAll
    static void start(RedisSpace space) {
        api = RunningApi.start(space, Map.of("MILLRACE_CORS_ORIGINS", SAFE + ", " + PLAIN), EventHistory.none());
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static Answer from(String origin, String path) {
        return api.send(api.request(path, api.key()).header("Origin", origin).build());
    }

    private static Answer preflight(String origin, String path) {
        HttpRequest.Builder request = api.request(path, null).header("Origin", origin).header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "content-type, x-api-key");
        return api.send(request.method("OPTIONS", BodyPublishers.noBody()).build());
    }

    private static void saysNothing(Answer answer) {
        assertThat(answer.response().headers().map().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"));
        assertThat(answer.header("Vary")).isEqualTo("Origin");
    }

    @Test
    void aPageOfAnOriginThatIsNamedMayReadAnswersAndWhatIsSaidOnThem() {
        Answer answer = from(SAFE, BOARD);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(SAFE);
        assertThat(answer.header("Access-Control-Expose-Headers")).contains("Location", "Retry-After", "RateLimit", "Idempotency-Replayed");
        assertThat(answer.header("Vary")).isEqualTo("Origin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/nothing", "/v1/events", BOARD + "?limit=x"})
    void refusalsCanBeReadToo(String path) {
        Answer answer = from(SAFE, path);

        assertThat(answer.status()).isGreaterThanOrEqualTo(400);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(SAFE);
    }

    @Test
    void cookiesGoAlongForPagesThatCameByHttpsOnly() {
        assertThat(from(SAFE, BOARD).header("Access-Control-Allow-Credentials")).isEqualTo("true");
        assertThat(preflight(SAFE, BOARD).header("Access-Control-Allow-Credentials")).isEqualTo("true");
        assertThat(from(PLAIN, BOARD).header("Access-Control-Allow-Origin")).isEqualTo(PLAIN);
        assertThat(from(PLAIN, BOARD).header("Access-Control-Allow-Credentials")).isEmpty();
        assertThat(preflight(PLAIN, BOARD).header("Access-Control-Allow-Credentials")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example", "null", "http://play.example.com", "https://play.example.com:8443",
            "https://play.example.com.evil.example", "https://PLAY.example.com", "https://play.example.com, " + PLAIN})
    void aPageOfAnyOtherOriginIsToldNothing(String origin) {
        saysNothing(from(origin, BOARD));
        saysNothing(preflight(origin, BOARD));
    }

    @Test
    void whoSaysNoOriginIsAnsweredAsEver() {
        saysNothing(api.get(BOARD));
    }

    @ParameterizedTest
    @EnumSource
    void everyPathSaysWhatMayBeSentToIt(Operation operation) {
        Answer answer = preflight(SAFE, operation.path().replaceAll("\\{\\w+}", "main"));

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.response().body()).isEmpty();
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(SAFE);
        assertThat(answer.header("Access-Control-Allow-Methods").split(", ", -1)).contains(operation.method().name());
        assertThat(answer.header("Access-Control-Allow-Headers").split(", ", -1)).contains("Authorization", "Content-Type", "X-Api-Key",
                "Idempotency-Key", SessionCookie.CSRF_HEADER);
        assertThat(answer.header("Access-Control-Max-Age")).isEqualTo("600");
    }

    @Test
    void whoMayCallIsAskedAllTheSame() {
        Answer answer = api.send(api.request(BOARD, null).header("Origin", SAFE).build());

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(SAFE);
        assertThat(preflight(SAFE, "/v1/nothing").status()).isEqualTo(404);
    }
}
