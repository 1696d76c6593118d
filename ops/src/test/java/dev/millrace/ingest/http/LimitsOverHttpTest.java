package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.settings.SettingsException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Limits as callers meet them. Windows are long, so that nothing comes back during a test. */
@RealRedis
final class LimitsOverHttpTest {
    private static final String SCORE = "{\"player\":\"alice\",\"add\":1}";
    private static final String BOARD = "/v1/boards/main/top";

    private final RedisSpace space;
    private RunningApi api;

    @TempDir
    Path folder;

    LimitsOverHttpTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void clear() {
        space.clear();
    }

    @AfterEach
    void stop() {
        if (api != null) {
            api.close();
        }
    }

    @Test
    void aClientIsToldHowItStandsAndThenThatItIsOver() throws IOException {
        start("default { scope = client, algorithm = sliding-window, quota = 2, window = 1d }");

        Answer first = api.post("/v1/scores", SCORE);
        Answer second = api.get(BOARD);
        Answer third = api.post("/v1/scores", SCORE);

        assertThat(first.status()).isEqualTo(202);
        assertThat(first.header("RateLimit-Policy")).isEqualTo("\"default\";q=2;w=86400");
        assertThat(first.header("RateLimit")).matches("\"default\";r=1;t=86(399|400)");
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("RateLimit")).startsWith("\"default\";r=0;t=");
        assertThat(third.status()).isEqualTo(429);
        JsonNode problem = third.json();
        assertThat(problem.path("type").stringValue()).isEqualTo("https://iana.org/assignments/http-problem-types#quota-exceeded");
        assertThat(problem.path("violated-policies").valueStream().map(JsonNode::stringValue)).containsExactly("default");
        assertThat(third.header("RateLimit-Policy")).isEqualTo("\"default\";q=2;w=86400");
        assertThat(third.header("RateLimit")).matches("\"default\";r=0;t=\\d+");
        assertThat(Long.parseLong(third.header("Retry-After")))
                .isGreaterThanOrEqualTo(Long.parseLong(third.header("RateLimit").replaceAll(".*;t=", ""))).isBetween(86_300L, 86_400L);
        assertThat(third.header("RateLimit-Remaining")).isEmpty();
        assertThat(api.queued()).isEqualTo(1);
        assertThat(api.metrics().get("millrace_events_refused_total").tag("problem", "quota-exceeded").counter().count()).isEqualTo(1);
    }

    @Test
    void theOlderHeadersAreThereWhereTheyAreAskedFor() throws IOException {
        start(Map.of("MILLRACE_LIMIT_HEADERS", "both"), """
                narrow { scope = client, algorithm = fixed-window, quota = 2, window = 31d }
                wide { scope = client, algorithm = fixed-window, quota = 90, window = 1d }
                """);

        Answer answer = api.get(BOARD);

        assertThat(answer.header("RateLimit-Limit")).isEqualTo("2");
        assertThat(answer.header("RateLimit-Remaining")).isEqualTo("1");
        assertThat(answer.header("RateLimit-Reset")).isEqualTo(answer.header("RateLimit").replaceAll("\"narrow\";r=1;t=(\\d+),.*", "$1"));
    }

    @Test
    void whatARuleRefusesIsChargedToNoOther() throws IOException {
        start("""
                all { scope = client, algorithm = token-bucket, quota = 10, window = 1d, burst = 5 }
                posts { scope = route, algorithm = sliding-window, quota = 1, window = 1d, routes = [post-score] }
                """);

        assertThat(api.post("/v1/scores", SCORE).header("RateLimit")).startsWith("\"all\";r=4;").contains("\"posts\";r=0;");
        for (int i = 0; i < 3; i++) {
            Answer refused = api.post("/v1/scores", SCORE);
            assertThat(refused.json().path("violated-policies").valueStream().map(JsonNode::stringValue)).containsExactly("posts");
            assertThat(refused.header("RateLimit")).startsWith("\"posts\";r=0;").doesNotContain("all");
        }
        assertThat(api.get(BOARD).header("RateLimit")).startsWith("\"all\";r=3;").doesNotContain("posts");
    }

    @Test
    void regionsOfBoardsHaveTheirOwn() throws IOException {
        start("region { scope = region, algorithm = fixed-window, quota = 1, window = 31d }");

        assertThat(api.get(BOARD + "?region=EU").status()).isEqualTo(200);
        assertThat(api.get(BOARD + "?region=EU").status()).isEqualTo(429);
        assertThat(api.get(BOARD + "?region=US").status()).isEqualTo(200);
        assertThat(api.get(BOARD).header("RateLimit")).isEmpty();
        assertThat(api.get(BOARD + "?region=E%20U").status()).isEqualTo(422);
    }

    @Test
    void tiersHaveTheirOwn() throws IOException {
        start("""
                free { scope = client, algorithm = fixed-window, quota = 1, window = 31d, tiers = [free] }
                """);
        String free = keyOf("small", "free");

        assertThat(api.getAs(free, BOARD).header("RateLimit")).startsWith("\"free\";r=0;");
        assertThat(api.getAs(free, BOARD).status()).isEqualTo(429);
        assertThat(api.get(BOARD).header("RateLimit")).isEmpty();
    }

    @Test
    void tiersSayWhoIsRefusedFirstAsQueuesFill() throws IOException {
        start(Map.of("MILLRACE_QUEUE_MAX", "20"), "", "\ntiers { free = low, gold = high }");

        assertThat(List.of(postsUntilFull("small", "free"), postsUntilFull("usual", "standard"), postsUntilFull("big", "gold")))
                .containsExactly(14, 17, 20);
    }

    @Test
    void twoApisCountAsOne() throws IOException {
        String rules = "default { scope = client, algorithm = fixed-window, quota = 5, window = 31d }";
        start(rules);
        try (RunningApi other = api.another(environment(Map.of(), rules))) {
            List<Integer> statuses = IntStream.range(0, 8).mapToObj(n -> (n % 2 == 0 ? api : other).get(BOARD).status()).toList();

            assertThat(statuses).containsExactly(200, 200, 200, 200, 200, 429, 429, 429);
        }
    }

    @Test
    void anAddressIsHeldBackBeforeItIsKnownWhoCalls() throws IOException {
        start(Map.of("MILLRACE_TRUSTED_PROXIES", "127.0.0.1"), """
                address { scope = ip, algorithm = fixed-window, quota = 2, window = 31d, routes = [post-score, get-event, board-top] }
                """);

        assertThat(from("198.51.100.1", "nobody's").status()).isEqualTo(401);
        assertThat(from("198.51.100.1", api.key()).header("RateLimit")).startsWith("\"address\";r=0;");
        Answer refused = from("198.51.100.1", "nobody's");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("WWW-Authenticate")).isEmpty();
        assertThat(from("198.51.100.2", api.key()).status()).isEqualTo(200);
        assertThat(from("198.51.100.1, 198.51.100.3", api.key()).status()).as("the claim to the left does not count").isEqualTo(200);
        for (int i = 0; i < 4; i++) {
            assertThat(api.get("/livez").status()).isEqualTo(200);
            assertThat(api.get("/health").header("RateLimit")).isEmpty();
        }
    }

    @Test
    void whatAnUntrustedNeighbourSaysOfOthersIsIgnored() throws IOException {
        start("address { scope = ip, algorithm = fixed-window, quota = 2, window = 31d, routes = [board-top] }");

        assertThat(from("198.51.100.1", api.key()).status()).isEqualTo(200);
        assertThat(from("198.51.100.2", api.key()).status()).isEqualTo(200);
        assertThat(from("198.51.100.3", api.key()).status()).isEqualTo(429);
    }

    @Test
    void theAdministratorIsCountedByAddressOnly() throws IOException {
        start("default { scope = client, algorithm = fixed-window, quota = 1, window = 31d }");

        for (int i = 0; i < 3; i++) {
            assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/acme").status()).isEqualTo(200);
        }
    }

    @Test
    void aRuleForARouteThatThereIsNotStopsTheStart() {
        assertThatThrownBy(() -> start("a { scope = route, algorithm = fixed-window, quota = 1, window = 1m, routes = [post-scores] }"))
                .isInstanceOf(SettingsException.class).hasMessageContaining("there is no route post-scores");
    }

    private Answer from(String forwardedFor, String key) {
        return api.send(api.request(BOARD, key).header("X-Forwarded-For", forwardedFor).build());
    }

    /** Posts to one lane, in a partition that is emptied before, until there is no room. */
    private int postsUntilFull(String client, String tier) {
        String key = keyOf(client, tier);
        HttpRequest post = api.request("/v1/scores", key).header("Content-Type", "application/json").POST(BodyPublishers.ofString(SCORE))
                .build();
        space.server().command("DEL", api.namespace().keys().events(api.namespace().partitions().of(client, "alice"), Priority.NORMAL));
        for (int accepted = 0; accepted < 30; accepted++) {
            Answer answer = api.send(post);
            if (answer.status() != 202) {
                assertThat(answer.problem()).isEqualTo("queue-full");
                return accepted;
            }
        }
        throw new AssertionError("never full");
    }

    private String keyOf(String client, String tier) {
        HttpRequest create = api.request("/v1/clients", RunningApi.ADMIN_KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"" + client + "\",\"name\":\"N\",\"tier\":\"" + tier + "\"}")).build();
        return api.send(create).json().path("apiKey").stringValue();
    }

    private void start(String rules) throws IOException {
        start(Map.of(), rules);
    }

    private void start(Map<String, String> settings, String rules) throws IOException {
        api = RunningApi.start(space, environment(settings, rules), EventHistory.none());
    }

    private void start(Map<String, String> settings, String rules, String tiers) throws IOException {
        Map<String, String> all = environment(settings, rules);
        Files.writeString(Path.of(all.get("MILLRACE_LIMITS")), tiers, StandardOpenOption.APPEND);
        api = RunningApi.start(space, all, EventHistory.none());
    }

    private Map<String, String> environment(Map<String, String> settings, String rules) throws IOException {
        Map<String, String> all = new HashMap<>(settings);
        all.put("MILLRACE_LIMITS", Files.writeString(folder.resolve("limits.conf"), "rules {\n" + rules + "\n}").toString());
        return all;
    }
}
