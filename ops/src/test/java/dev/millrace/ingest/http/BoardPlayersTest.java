package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Players by name: one, several, and several among themselves; and answers that are asked for again. */
@RealRedis
final class BoardPlayersTest {
    private final RedisSpace space;
    private RunningApi api;
    private HandWrittenBoard board;

    BoardPlayersTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space);
        board = new HandWrittenBoard(api);
        put("alice", 10, 1, "EU", "Alice | W.");
        put("bob", 20, 2, "US", null);
        put("carol", 30, 3, "EU", "C");
        put("dave", 10, 4, "GLOBAL", null);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aPlayerIsShownWithAllThatTheBoardKnows() {
        assertThat(api.get("/v1/boards/main/players/alice").json().toString()).isEqualTo("""
                {"player":"alice","name":"Alice | W.","region":"EU","score":10,"achievedAt":"2026-01-01T12:00:01Z",\
                "rank":3,"total":4,"regionRank":2,"regionTotal":2}""");
        assertThat(api.get("/v1/boards/main/players/dave").json().toString()).isEqualTo("""
                {"player":"dave","name":null,"region":"GLOBAL","score":10,"achievedAt":"2026-01-01T12:00:04Z",\
                "rank":4,"total":4,"regionRank":null,"regionTotal":null}""");
        Answer nobody = api.get("/v1/boards/main/players/erin");
        assertThat(nobody.status()).isEqualTo(404);
        assertThat(nobody.problem()).isEqualTo("not-found");
    }

    @Test
    void severalPlayersComeInTheOrderInWhichTheyAreAskedFor() {
        JsonNode answer = api.get("/v1/boards/main/players?players=dave,erin,carol,bob,frank").json();

        assertThat(names(answer, "players")).containsExactly("dave", "carol", "bob");
        assertThat(answer.path("players").valueStream().map(player -> player.path("rank").longValue())).containsExactly(4L, 1L, 2L);
        assertThat(answer.path("players").valueStream().map(player -> player.path("regionRank").longValue(0))).containsExactly(0L, 1L, 1L);
        assertThat(answer.path("absent").toString()).isEqualTo("[\"erin\",\"frank\"]");
        assertThat(answer.at("/players/1")).isEqualTo(api.get("/v1/boards/main/players/carol").json());
    }

    @Test
    void friendsAreRankedAmongThemselves() {
        put("erin", 40, 5, "EU", null);

        assertThat(api.get("/v1/boards/main/friends?players=dave,bob,zoe,alice").json().toString()).isEqualTo("""
                {"friends":[\
                {"place":1,"rank":3,"player":"bob","name":null,"region":"US","score":20,"achievedAt":"2026-01-01T12:00:02Z"},\
                {"place":2,"rank":4,"player":"alice","name":"Alice | W.","region":"EU","score":10,"achievedAt":"2026-01-01T12:00:01Z"},\
                {"place":3,"rank":5,"player":"dave","name":null,"region":"GLOBAL","score":10,"achievedAt":"2026-01-01T12:00:04Z"}],\
                "absent":["zoe"]}""");
    }

    @Test
    void aBoardThatNobodyIsOnHasAllOfThemAbsent() {
        assertThat(api.get("/v1/boards/empty/players?players=a,b").json().toString())
                .isEqualTo("{\"players\":[],\"absent\":[\"a\",\"b\"]}");
        assertThat(api.get("/v1/boards/empty/friends?players=a").json().toString()).isEqualTo("{\"friends\":[],\"absent\":[\"a\"]}");
    }

    @Test
    void playersAreTheirClientsOwn() {
        String rival = api.createClient("rival");

        for (String path : List.of("players", "friends")) {
            JsonNode answer = api.getAs(rival, "/v1/boards/main/" + path + "?players=alice,bob").json();
            assertThat(answer.path(path).size()).isZero();
            assertThat(answer.path("absent").size()).isEqualTo(2);
        }
        assertThat(api.getAs(rival, "/v1/boards/main/players/alice").status()).isEqualTo(404);
    }

    @Test
    void aHundredPlayersOfAsManyRegionsAreReadAtOnce() {
        for (int n = 0; n < 100; n++) {
            put("p" + n, 1_000 - n, n, "R" + n % 50, null);
        }
        String all = IntStream.range(0, 100).mapToObj(n -> "p" + n).collect(Collectors.joining(","));

        JsonNode answer = api.get("/v1/boards/main/players?players=" + all).json();

        assertThat(answer.path("players").size()).isEqualTo(100);
        assertThat(answer.at("/players/99/regionRank").longValue()).isEqualTo(2);
        assertThat(answer.at("/players/99/rank").longValue()).isEqualTo(100);
        assertThat(api.get("/v1/boards/main/players?players=alice," + all).status()).isEqualTo(422);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/boards/main/players | players
            /v1/boards/main/players?players= | players
            /v1/boards/main/players?players=a,,b | players
            /v1/boards/main/players?players=a,b,a | players
            /v1/boards/main/friends | players
            /v1/boards/main/friends?players=a,%20b | players
            /v1/boards/main/friends?players=a&region=EU | region
            /v1/boards/main/players/alice?region=EU | region
            """)
    void parametersThatAreWrongAreNamed(String path, String parameter) {
        Answer answer = api.get(path);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/parameter").stringValue()).isEqualTo(parameter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"top", "top?limit=3", "top?page=2&limit=2", "rank/alice", "around/alice", "players/alice",
            "players?players=alice,zoe",
            "friends?players=alice,bob"})
    void anAnswerThatIsAtHandIsNotSentAgainUntilItChanges(String path) {
        Answer first = api.get("/v1/boards/main/" + path);
        String tag = first.header("ETag");
        assertThat(tag).matches("W/\"[A-Za-z0-9_-]{16}\"");
        assertThat(first.header("Cache-Control")).isEqualTo("private, no-cache");

        for (String known : List.of(tag, tag.substring(2), "\"other\", " + tag, "*")) {
            for (String method : List.of("GET", "HEAD")) {
                Answer again = ask(method, path, known);
                assertThat(again.status()).isEqualTo(304);
                assertThat(again.header("ETag")).isEqualTo(tag);
                assertThat(again.header("Cache-Control")).isEqualTo("private, no-cache");
                assertThat(again.response().body()).isEmpty();
            }
        }
        assertThat(ask("GET", path, "\"other\"").status()).isEqualTo(200);
        Answer head = ask("HEAD", path, "\"other\"");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("ETag")).isEqualTo(tag);

        put("alice", 15, 9, "EU", "A");
        Answer changed = ask("GET", path, tag);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isNotEqualTo(tag);
    }

    @Test
    void whatIsRefusedIsNotKept() {
        Answer refused = ask("GET", "rank/zoe", "*");

        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.header("ETag")).isEmpty();
        assertThat(refused.header("Cache-Control")).isEqualTo("no-store");
    }

    private Answer ask(String method, String path, String known) {
        return api.send(api.request("/v1/boards/main/" + path, api.key()).method(method, BodyPublishers.noBody())
                .header("If-None-Match", known).build());
    }

    private void put(String player, long score, int second, String region, String name) {
        Instant achieved = HandWrittenBoard.NOON.plusSeconds(second);
        board.put(player, score, achieved, region, name);
    }

    private static List<String> names(JsonNode answer, String list) {
        return answer.path(list).valueStream().map(player -> player.path("player").stringValue()).toList();
    }
}
