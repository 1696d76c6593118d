package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What clients and the administrator can read of the requests that came and of those that were refused. */
@RealRedis
final class RequestMonitoringTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String BLOCKED = "/v1/monitoring/rate-limits/blocked";
    private static final String REQUESTS = "/v1/monitoring/requests";

    private final RedisSpace space;
    private RunningApi api;

    RequestMonitoringTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        space.clear();
        Path limits = Files.writeString(folder.resolve("limits.conf"), """
                rules {
                  boards { scope = route, algorithm = fixed-window, quota = 2, window = 31d, routes = [board-top] }
                  address { scope = ip, algorithm = fixed-window, quota = 1, window = 31d, routes = [get-lane] }
                }
                """);
        api = RunningApi.start(space, Map.of("MILLRACE_LIMITS", limits.toString(), "MILLRACE_LANE_MAX", "1"), EventHistory.none());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void whoWasRefusedAndWhyIsToldToThemAndToTheAdministrator() {
        String other = api.createClient("other");
        for (int i = 0; i < 4; i++) {
            api.get("/v1/boards/main/top");
        }
        assertThat(api.post("/v1/scores", "{\"player\":\"alice\",\"add\":1}").status()).isEqualTo(202);
        assertThat(api.post("/v1/scores", "{\"player\":\"alice\",\"add\":1}").problem()).isEqualTo("lane-full");
        for (int i = 0; i < 2; i++) {
            api.getAs("nobody's", "/v1/lanes/alice");
        }

        await().atMost(SOON).untilAsserted(() -> assertThat(items(RunningApi.ADMIN_KEY, BLOCKED)).extracting(item -> item.path("why")
                .stringValue()).contains("address", "boards", "lane-full"));
        List<JsonNode> own = items(api.key(), BLOCKED);
        assertThat(own).allSatisfy(item -> {
            assertThat(item.path("client").stringValue()).isEqualTo("acme");
            assertThat(item.path("address").stringValue()).isEqualTo("127.0.0.1");
        });
        assertThat(
                own.stream().filter(item -> item.path("why").stringValue().equals("boards")).mapToLong(item -> item.path("count").asLong())
                        .sum())
                .isEqualTo(2);
        assertThat(own).extracting(item -> item.path("route").stringValue()).containsOnly("board-top", "post-score");
        assertThat(items(other, BLOCKED)).isEmpty();
        assertThat(items(RunningApi.ADMIN_KEY, BLOCKED + "?client=acme")).hasSameSizeAs(own);
        assertThat(items(RunningApi.ADMIN_KEY, BLOCKED).stream().filter(item -> item.path("why").stringValue().equals("address")))
                .allSatisfy(item -> assertThat(item.has("client")).isFalse());
        assertThat(api.getAs(other, BLOCKED + "?client=acme").status()).isEqualTo(403);
        assertThat(api.getAs(other, BLOCKED + "?limit=1001").status()).isEqualTo(422);
    }

    @Test
    void itemsOfOneRequestThatWereRefusedAreOneRecordWithTheirNumber() {
        String item = "{\"type\":\"score.add\",\"data\":{\"player\":\"bob\",\"value\":1}}";
        Answer answer = api.post("/v1/events", '[' + String.join(",", Collections.nCopies(7, item)) + ",{\"type\":\"nonsense\"}]");
        assertThat(answer.json().path("accepted").asInt()).isEqualTo(1);

        await().atMost(SOON).untilAsserted(() -> assertThat(items(api.key(), BLOCKED)).singleElement().satisfies(record -> {
            assertThat(record.path("why").stringValue()).isEqualTo("lane-full");
            assertThat(record.path("route").stringValue()).isEqualTo("post-event");
            assertThat(record.path("client").stringValue()).isEqualTo("acme");
            assertThat(record.path("count").asLong()).isEqualTo(6);
        }));
        assertThat(items(RunningApi.ADMIN_KEY, BLOCKED)).isEqualTo(items(api.key(), BLOCKED));
    }

    @Test
    void whatCameIsCountedByClientRouteAndMinute() {
        String other = api.createClient("other");
        for (int i = 0; i < 3; i++) {
            api.get("/v1/boards/main/top");
        }
        api.get("/v1/boards/main/top?limit=x");
        api.getAs(other, "/v1/boards/main/rank/alice");
        api.get("/v1/lanes/alice");

        await().atMost(SOON).untilAsserted(() -> assertThat(total(RunningApi.ADMIN_KEY, REQUESTS, "board-rank", "requests")).isEqualTo(1));
        await().atMost(SOON).untilAsserted(() -> assertThat(total(api.key(), REQUESTS, "get-lane", "requests")).isEqualTo(1));
        assertThat(total(api.key(), REQUESTS, "board-top", "requests")).isEqualTo(4);
        assertThat(total(api.key(), REQUESTS, "board-top", "limited")).isEqualTo(2);
        assertThat(total(other, REQUESTS, "board-rank", "refused")).isEqualTo(1);
        assertThat(items(other, REQUESTS)).allSatisfy(item -> assertThat(item.path("client").stringValue()).isEqualTo("other"));
        assertThat(items(RunningApi.ADMIN_KEY, REQUESTS + "?client=acme&minutes=1440"))
                .allSatisfy(item -> assertThat(item.path("client").stringValue()).isEqualTo("acme"));
        Answer first = api.getAs(RunningApi.ADMIN_KEY, REQUESTS + "?limit=1");
        assertThat(first.json().path("items").size()).isEqualTo(1);
        assertThat(items(RunningApi.ADMIN_KEY, REQUESTS + "?limit=1000&cursor=" + first.json().path("next").stringValue()))
                .isNotEmpty().doesNotContain(first.json().path("items").get(0));
        assertThat(api.getAs(other, REQUESTS + "?client=acme").status()).isEqualTo(403);
        for (String wrong : List.of("minutes=0", "minutes=1441", "cursor=x", "cursor=%21", "limit=0")) {
            assertThat(api.get(REQUESTS + '?' + wrong).status()).as(wrong).isEqualTo(422);
        }
    }

    private long total(String key, String path, String route, String what) {
        return items(key, path).stream().filter(item -> item.path("route").stringValue().equals(route))
                .mapToLong(item -> item.path(what).asLong()).sum();
    }

    private List<JsonNode> items(String key, String path) {
        Answer answer = api.getAs(key, path);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json().path("items").valueStream().toList();
    }
}
