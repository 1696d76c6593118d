package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Boards that were written by hand, as the processor writes them. */
@RealRedis
final class BoardsTest {
    private final RedisSpace space;
    private RunningApi api;
    private HandWrittenBoard board;

    BoardsTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space);
        board = new HandWrittenBoard(api);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void theBestStandFirst() {
        stand("bob", 50, 2, "GLOBAL", null);
        stand("alice", 9_007_199_254_740_991L, 1, "EU", "Alice W. | the first");
        stand("carol", 0, 3, "EU", null);
        stand("dave", -9_007_199_254_740_991L, 4, "US", "D");

        Answer top = api.get("/v1/boards/main/top");

        assertThat(top.status()).isEqualTo(200);
        assertThat(top.json().toString()).isEqualTo(
                """
                {"board":"main","region":"GLOBAL","season":"all","entries":[\
                {"rank":1,"player":"alice","name":"Alice W. | the first","region":"EU","score":9007199254740991,"achievedAt":"2026-01-01T12:00:01Z"},\
                {"rank":2,"player":"bob","name":null,"region":"GLOBAL","score":50,"achievedAt":"2026-01-01T12:00:02Z"},\
                {"rank":3,"player":"carol","name":null,"region":"EU","score":0,"achievedAt":"2026-01-01T12:00:03Z"},\
                {"rank":4,"player":"dave","name":"D","region":"US","score":-9007199254740991,"achievedAt":"2026-01-01T12:00:04Z"}],"next":null}""");
    }

    @Test
    void aRegionIsABoardOfItsOwn() {
        stand("alice", 10, 1, "EU", null);
        stand("bob", 20, 2, "US", null);
        stand("carol", 30, 3, "EU", null);

        assertThat(players(api.get("/v1/boards/main/top?region=EU"))).containsExactly("carol", "alice");
        assertThat(api.get("/v1/boards/main/rank/alice").json().path("rank").longValue()).isEqualTo(3);
        JsonNode inEurope = api.get("/v1/boards/main/rank/alice?region=EU").json();
        assertThat(inEurope.path("rank").longValue()).isEqualTo(2);
        assertThat(inEurope.path("total").longValue()).isEqualTo(2);
        assertThat(api.get("/v1/boards/main/rank/alice?region=US").status()).isEqualTo(404);
        assertThat(api.get("/v1/boards/main/around/bob?region=EU").status()).isEqualTo(404);
    }

    @Test
    void ofEqualScoresTheFirstStandsFirst() {
        stand("zoe", 7, 1, "GLOBAL", null);
        stand("adam", 7, 3, "GLOBAL", null);
        stand("mia", 7, 2, "GLOBAL", null);

        Answer top = api.get("/v1/boards/main/top");

        assertThat(players(top)).containsExactly("zoe", "mia", "adam");
        assertThat(top.json().at("/entries/1/rank").longValue()).isEqualTo(2);
        assertThat(api.get("/v1/boards/main/rank/adam").json().path("rank").longValue()).isEqualTo(3);
    }

    @Test
    void aRankSaysWhereAmongHowMany() {
        for (int n = 1; n <= 8; n++) {
            stand("p" + n, 100 - n, n, n == 3 ? "EU" : "GLOBAL", null);
        }

        assertThat(api.get("/v1/boards/main/rank/p3").json().toString())
                .isEqualTo("{\"player\":\"p3\",\"rank\":3,\"score\":97,\"region\":\"EU\",\"total\":8,\"percentile\":75.0}");
        assertThat(api.get("/v1/boards/main/rank/p1").json().path("percentile").doubleValue()).isEqualTo(100.0);
        assertThat(api.get("/v1/boards/main/rank/p8").json().path("percentile").doubleValue()).isEqualTo(12.5);
    }

    @Test
    void equalScoresShareARankWhereThatIsAskedFor() {
        long[] scores = {9, 7, 7, 7, 5, 5, 1};
        for (int n = 0; n < scores.length; n++) {
            stand("p" + n, scores[n], n + 1, "GLOBAL", null);
        }

        assertThat(ranks(api.get("/v1/boards/main/top?ranking=competition"))).containsExactly(1L, 2L, 2L, 2L, 5L, 5L, 7L);
        assertThat(ranks(api.get("/v1/boards/main/top?ranking=ordinal"))).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        Answer page = api.get("/v1/boards/main/top?ranking=competition&limit=2&page=2");
        assertThat(ranks(page)).as("a page that begins among equals").containsExactly(2L, 2L);
        assertThat(ranks(api.get("/v1/boards/main/top?ranking=competition&cursor=" + page.json().path("next").stringValue())))
                .containsExactly(5L, 5L, 7L);
        JsonNode around = api.get("/v1/boards/main/around/p3?range=1&ranking=competition").json();
        assertThat(around.at("/self/rank").longValue()).isEqualTo(2);
        assertThat(around.at("/around/0/rank").longValue()).isEqualTo(2);
        assertThat(around.at("/around/1/rank").longValue()).isEqualTo(5);
        JsonNode rank = api.get("/v1/boards/main/rank/p3?ranking=competition").json();
        assertThat(rank.path("rank").longValue()).isEqualTo(2);
        assertThat(rank.path("percentile").doubleValue()).as("6 of 7 stand there or behind").isEqualTo(85.71);
        assertThat(api.get("/v1/boards/main/rank/p3").json().path("percentile").doubleValue()).isEqualTo(57.14);
    }

    @Test
    void aroundLeavesThePlayerOut() {
        for (int n = 1; n <= 20; n++) {
            stand("p" + n, 100 - n, n, "GLOBAL", null);
        }

        JsonNode middle = api.get("/v1/boards/main/around/p10?range=2").json();
        assertThat(middle.path("self").path("player").stringValue()).isEqualTo("p10");
        assertThat(middle.path("self").path("rank").longValue()).isEqualTo(10);
        assertThat(middle.path("around").valueStream().map(other -> other.path("player").stringValue())).containsExactly("p8", "p9", "p11",
                "p12");
        assertThat(middle.path("around").valueStream().map(other -> other.path("rank").longValue())).containsExactly(8L, 9L, 11L, 12L);

        assertThat(api.get("/v1/boards/main/around/p10").json().path("around").size()).isEqualTo(10);
        assertThat(api.get("/v1/boards/main/around/p1?range=2").json().path("around").valueStream()
                .map(other -> other.path("player").stringValue())).containsExactly("p2", "p3");
        assertThat(api.get("/v1/boards/main/around/p20?range=100").json().path("around").size()).isEqualTo(19);
    }

    @Test
    void aFullPageThatIsTheLastHasNoNext() {
        for (int n = 0; n < 4; n++) {
            stand("p" + n, n, n, "GLOBAL", null);
        }

        assertThat(api.get("/v1/boards/main/top?limit=4").json().path("next").isNull()).isTrue();
        assertThat(api.get("/v1/boards/main/top?limit=3").json().path("next").isString()).isTrue();
    }

    @Test
    void aBoardThatNobodyIsOnIsEmpty() {
        Answer top = api.get("/v1/boards/nothing-here/top");

        assertThat(top.status()).isEqualTo(200);
        assertThat(top.json().toString())
                .isEqualTo("{\"board\":\"nothing-here\",\"region\":\"GLOBAL\",\"season\":\"all\",\"entries\":[],\"next\":null}");
        for (String path : List.of("/v1/boards/nothing-here/rank/alice", "/v1/boards/nothing-here/around/alice")) {
            assertThat(api.get(path).status()).isEqualTo(404);
            assertThat(api.get(path).problem()).isEqualTo("not-found");
        }
    }

    @Test
    void boardsAreTheirClientsOwn() {
        stand("alice", 10, 1, "GLOBAL", null);
        String rival = api.createClient("rival");

        assertThat(players(api.getAs(rival, "/v1/boards/main/top"))).isEmpty();
        assertThat(api.getAs(rival, "/v1/boards/main/rank/alice").status()).isEqualTo(404);
        assertThat(api.getAs(null, "/v1/boards/main/top").status()).isEqualTo(401);
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/boards/main/top").status()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/boards/main/top?limit=0 | limit
            /v1/boards/main/top?limit=1001 | limit
            /v1/boards/main/top?limit=-1 | limit
            /v1/boards/main/top?limit=ten | limit
            /v1/boards/main/top?limit= | limit
            /v1/boards/main/top?limit=99999999999 | limit
            /v1/boards/main/top?limit=1&limit=2 | limit
            /v1/boards/main/top?region=a+b | region
            /v1/boards/main/top?region= | region
            /v1/boards/main/top?cursor=x | cursor
            /v1/boards/main/top?page=0 | page
            /v1/boards/main/top?page=1000001 | page
            /v1/boards/main/top?page=2&cursor=x | page
            /v1/boards/main/top?ranking=dense | ranking
            /v1/boards/main/top?offset=3 | offset
            /v1/boards/main/around/alice?range=0 | range
            /v1/boards/main/around/alice?range=101 | range
            /v1/boards/main/around/alice?limit=3 | limit
            /v1/boards/main/rank/alice?range=3 | range
            /v1/boards/ma%20in/top | board
            /v1/boards/main/rank/a%2Cb | player
            /v1/boards/main/rank/%C3%BC | player
            """)
    void parametersThatAreWrongAreNamed(String path, String parameter) {
        Answer answer = api.get(path);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.problem()).isEqualTo("invalid-parameter");
        assertThat(answer.json().at("/errors/0/parameter").stringValue()).isEqualTo(parameter);
    }

    @Test
    void aThousandEntriesAreRead() {
        for (int n = 0; n < 1_001; n++) {
            stand("p" + n, n, 1, "GLOBAL", null);
        }

        JsonNode top = api.get("/v1/boards/main/top?limit=1000").json();

        assertThat(top.path("entries").size()).isEqualTo(1_000);
        assertThat(top.path("next").isString()).isTrue();
    }

    private static List<Long> ranks(Answer top) {
        return top.json().path("entries").valueStream().map(entry -> entry.path("rank").longValue()).toList();
    }

    private static List<String> players(Answer top) {
        return top.json().path("entries").valueStream().map(entry -> entry.path("player").stringValue()).toList();
    }

    private void stand(String player, long score, int second, String region, String name) {
        board.put(player, score, HandWrittenBoard.NOON.plusSeconds(second), region, name);
    }
}
