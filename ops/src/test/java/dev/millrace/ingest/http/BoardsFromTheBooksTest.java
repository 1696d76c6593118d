package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ingest.read.RedisRankings;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.persister.store.PostgresRankings;
import dev.millrace.persister.store.Shelf;
import dev.millrace.schema.board.Board;
import dev.millrace.schema.board.Line;
import dev.millrace.schema.board.Line.Spot;
import dev.millrace.schema.board.Rankings;
import dev.millrace.schema.board.Rankings.Found;
import dev.millrace.schema.board.Rankings.Stretch;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Boards while Redis is away: Postgres tells the same of them, and the API says from where it has it. */
@RealRedis(own = true)
@RealPostgres
final class BoardsFromTheBooksTest {
    private static final Map<String, String> PATIENT = Map.of("MILLRACE_REDIS_TIMEOUT", "5s");
    private static final Duration RECOVERY = Duration.ofSeconds(30);
    private static final Board MAIN = Board.allTime("acme", "main");
    private static final String SOURCE = "Millrace-Source";

    private final RedisSpace space;
    private final EmbeddedRedis server;
    private final PostgresDatabase database;
    private Shelf shelf;
    private PostgresRankings books;
    private RunningApi api;
    private HandWrittenBoard board;

    BoardsFromTheBooksTest(RedisSpace space, EmbeddedRedis server, PostgresDatabase database) {
        this.space = space;
        this.server = server;
        this.database = database;
    }

    @BeforeEach
    void start() {
        space.clear();
        shelf = new Shelf(database);
        books = new PostgresRankings(Shelf.settings(database));
        api = RunningApi.start(space, PATIENT, EventHistory.none(), books);
        board = new HandWrittenBoard(api);
    }

    @AfterEach
    void stop() {
        api.close();
        books.close();
        shelf.close();
        if (!server.isRunning()) {
            server.restart();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void bothTellTheSame(long seed) {
        Random random = new Random(seed);
        for (int n = 0; n < 80; n++) {
            put((n % 2 == 0 ? "P" : "p") + n, random.nextLong(-5, 6), random.nextInt(4),
                    List.of("GLOBAL", "EU", "US", "eu").get(random.nextInt(4)), n % 3 == 0 ? "N | " + n : null);
        }
        Rankings live = new RedisRankings(api.redis(), api.namespace().keys());
        List<String> players = new ArrayList<>();
        for (String region : List.of("GLOBAL", "EU", "eu", "nowhere")) {
            for (int first = 0; first < 90; first += 37) {
                assertThat(shown(books.from(MAIN, region, first, 20))).isEqualTo(shown(live.from(MAIN, region, first, 20)));
            }
            List<Line> lines = live.from(MAIN, region, 0, 1_000).lines();
            lines.forEach(line -> players.add(line.player()));
            for (int n = 0; n < lines.size(); n += 5) {
                Line line = lines.get(n);
                Spot nearby = new Spot(line.score(), line.achieved(), line.player() + "x");
                assertThat(shown(books.behind(MAIN, region, line.spot(), 7))).isEqualTo(shown(live.behind(MAIN, region, line.spot(), 7)));
                assertThat(shown(books.behind(MAIN, region, nearby, 3))).isEqualTo(shown(live.behind(MAIN, region, nearby, 3)));
                assertThat(books.around(MAIN, region, line.player(), 4).map(BoardsFromTheBooksTest::shown))
                        .isEqualTo(live.around(MAIN, region, line.player(), 4).map(BoardsFromTheBooksTest::shown)).isPresent();
            }
            assertThat(books.around(MAIN, region, "nobody", 4)).isEmpty();
        }
        List<String> some = players.stream().distinct().limit(40).toList();
        for (boolean inRegions : new boolean[]{true, false}) {
            assertThat(sorted(books, some, inRegions)).isEqualTo(sorted(live, some, inRegions)).hasSize(40);
        }
        assertThat(books.players(MAIN, List.of("nobody"), true)).isEqualTo(live.players(MAIN, List.of("nobody"), true));
        assertThat(books.from(Board.allTime("zoo", "main"), "GLOBAL", 0, 10).lines()).as("another client's").isEmpty();
    }

    @Test
    void whileRedisIsAwayAnswersComeFromPostgresAndSaySo() {
        for (int n = 0; n < 20; n++) {
            put("p" + n, n / 3, n, n % 2 == 0 ? "EU" : "GLOBAL", null);
        }
        Map<String, Answer> before = new HashMap<>();
        for (String path : List.of("top", "top?limit=7&page=2&ranking=competition", "top?region=EU&limit=3", "rank/p4",
                "rank/p5?ranking=competition",
                "around/p0?range=2", "around/p9", "players/p3", "players?players=p1,nobody,p2", "friends?players=p7,p8,nobody")) {
            Answer live = api.get("/v1/boards/main/" + path);
            assertThat(live.status()).isEqualTo(200);
            assertThat(live.header(SOURCE)).isEmpty();
            before.put(path, live);
        }
        server.kill();

        before.forEach((path, live) -> {
            // On a machine that is busy with other things, Postgres may take longer than a request is made to wait.
            Answer meanwhile = await(path).atMost(RECOVERY).until(() -> api.get("/v1/boards/main/" + path),
                    answer -> answer.status() == 200);
            assertThat(meanwhile.header(SOURCE)).isEqualTo("postgres");
            assertThat(meanwhile.header("ETag")).as("the same answer").isEqualTo(live.header("ETag"));
        });
        Answer nobody = await().atMost(RECOVERY).until(() -> api.get("/v1/boards/main/rank/nobody"), answer -> answer.status() == 404);
        assertThat(nobody.header(SOURCE)).isEqualTo("postgres");

        server.restart();
        await().atMost(RECOVERY).until(() -> api.get("/v1/boards/main/top").header(SOURCE).isEmpty());
    }

    @Test
    void whoGoesThroughABoardGoesOnInTheBooks() {
        for (int n = 0; n < 9; n++) {
            put("p" + n, 7, n, "GLOBAL", null);
        }
        String next = api.get("/v1/boards/main/top?limit=3").json().path("next").stringValue();
        server.kill();

        Answer second = behind(next);
        Answer third = behind(second.json().path("next").stringValue());

        assertThat(players(second)).containsExactly("p3", "p4", "p5");
        assertThat(players(third)).containsExactly("p6", "p7", "p8");
        assertThat(third.json().path("next").isNull()).isTrue();
        assertThat(third.header(SOURCE)).isEqualTo("postgres");
    }

    @Test
    void whereBothAreAwayTheAnswerIsSo() {
        api.close();
        space.clear();
        try (PostgresRankings nowhere = new PostgresRankings(
                Settings.read(Map.of("DATABASE_URL", "postgres://millrace:secret@127.0.0.1:1/millrace")).database())) {
            api = RunningApi.start(space, PATIENT, EventHistory.none(), nowhere);
            assertThat(api.get("/v1/boards/main/top").status()).isEqualTo(200);
            server.kill();

            Answer answer = api.get("/v1/boards/main/top");

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.problem()).isEqualTo("unavailable");
            assertThat(answer.header("Retry-After")).isEqualTo("1");
            assertThat(answer.header(SOURCE)).isEmpty();
        }
    }

    private Answer behind(String cursor) {
        return await().atMost(RECOVERY).until(() -> api.get("/v1/boards/main/top?limit=3&cursor=" + cursor),
                answer -> answer.status() == 200);
    }

    private void put(String player, long score, int second, String region, @Nullable String name) {
        Instant achieved = HandWrittenBoard.NOON.plusSeconds(second);
        board.put(player, score, achieved, region, name);
        shelf.execute(
                "insert into leaderboard (client_id, board, season, user_id, name, region, score, achieved_at, achieved_id, last_id, version)"
                        + " values ('acme', 'main', 'all', '" + player + "', " + (name == null ? "null" : "'" + name + "'") + ", '" + region
                        + "', "
                        + score + ", '" + achieved + "', " + new StreamId(achieved.toEpochMilli(), 0).packed() + ", '1-0', 1)");
    }

    private static Stretch shown(Stretch stretch) {
        return new Stretch(stretch.lines(), stretch.first(), stretch.better(), stretch.total(), Instant.EPOCH);
    }

    private static List<Found> sorted(Rankings rankings, List<String> players, boolean inRegions) {
        return rankings.players(MAIN, players, inRegions).found().stream().sorted(Comparator.comparing(found -> found.line().player()))
                .toList();
    }

    private static List<String> players(Answer top) {
        return top.json().path("entries").valueStream().map(entry -> entry.path("player").stringValue()).toList();
    }
}
