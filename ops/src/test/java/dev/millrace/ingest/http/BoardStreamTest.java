package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.auth.KeyHash;
import dev.millrace.ingest.http.EventStream.Event;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ingest.session.SessionSecrets;
import dev.millrace.ingest.session.Sessions;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Boards as those see them who watch. */
@RealRedis
final class BoardStreamTest {
    private static final String TOP = "/v1/boards/main/stream?limit=3";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final RedisSpace space;
    private RunningApi api;
    private HandWrittenBoard board;

    BoardStreamTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        start(Map.of());
    }

    private void start(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(Map.of("MILLRACE_STREAM_EVERY", "20ms", "MILLRACE_REDIS_TIMEOUT", "5s"));
        all.putAll(environment);
        api = RunningApi.start(space, all, EventHistory.none());
        board = new HandWrittenBoard(api);
    }

    private void startAgain(Map<String, String> environment) {
        api.close();
        space.clear();
        start(environment);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aStreamTellsHowThingsAreAndThenHowTheyChange() {
        board.put("alice", 10, 1);
        board.put("bob", 20, 2);
        try (EventStream stream = EventStream.open(api, TOP)) {
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
            assertThat(stream.header("X-Accel-Buffering")).isEqualTo("no");

            Event first = stream.next();
            assertThat(stream.retry()).isEqualTo("2000");
            assertThat(first.kind()).isEqualTo("top");
            assertThat(first.data()).isEqualTo(api.get("/v1/boards/main/top?limit=3").json());
            assertThat(first.players()).containsExactly("bob", "alice");

            board.put("alice", 30, 3);
            Event second = stream.next();
            assertThat(second.players()).containsExactly("alice", "bob");
            assertThat(second.data().at("/entries/0/score").longValue()).isEqualTo(30);
            assertThat(second.id()).isNotEqualTo(first.id()).isNotEmpty();

            board.put("carol", 25, 4);
            board.put("dave", 1, 5);
            board.put("bob", 26, 6);
            assertThat(stream.until(event -> event.players().equals(List.of("alice", "bob", "carol")))).isNotEmpty();
            assertThat(stream.waiting()).as("what is not among the first three tells nothing").isZero();
        }
    }

    @Test
    void aStreamTellsOnePlayersRank() {
        board.put("alice", 10, 1);
        try (EventStream stream = EventStream.open(api, "/v1/boards/main/stream?player=bob")) {
            Event before = stream.next();
            assertThat(before.kind()).isEqualTo("unranked");
            assertThat(before.data().toString()).isEqualTo("{\"player\":\"bob\"}");

            board.put("bob", 5, 2);
            Event ranked = stream.next();
            assertThat(ranked.kind()).isEqualTo("rank");
            assertThat(ranked.data()).isEqualTo(api.get("/v1/boards/main/rank/bob").json());
            assertThat(ranked.data().path("rank").longValue()).isEqualTo(2);

            board.put("alice", 11, 3);
            board.put("bob", 12, 4);
            Event better = stream.next();
            assertThat(better.data().path("rank").longValue()).as("alice's change was none of bob's").isEqualTo(1);
        }
    }

    @Test
    void aRegionIsWatchedByItself() {
        board.put("alice", 10, HandWrittenBoard.NOON, "EU", null);
        try (EventStream stream = EventStream.open(api, TOP + "&region=EU")) {
            assertThat(stream.next().players()).containsExactly("alice");
            board.put("bob", 20, HandWrittenBoard.NOON, "US", null);
            board.put("carol", 30, HandWrittenBoard.NOON, "EU", null);
            assertThat(stream.next().players()).containsExactly("carol", "alice");
        }
    }

    @Test
    void boardsOfTheSameNameNeverMeet() {
        board.put("alice", 10, 1);
        String rival = api.createClient("rival");
        try (EventStream theirs = EventStream.open(api.request(TOP, rival).build()); EventStream ours = EventStream.open(api, TOP)) {
            assertThat(ours.next().players()).containsExactly("alice");
            assertThat(theirs.next().players()).isEmpty();
            board.put("bob", 20, 2);
            assertThat(ours.next().players()).containsExactly("bob", "alice");
            assertThat(theirs.waiting()).isZero();
        }
    }

    @Test
    void changesThatFollowEachOtherQuicklyComeAsOne() {
        startAgain(Map.of("MILLRACE_STREAM_EVERY", "1s"));
        try (EventStream stream = EventStream.open(api, TOP)) {
            assertThat(stream.next().players()).isEmpty();
            long begin = System.nanoTime();
            for (int n = 1; n <= 200; n++) {
                board.put("alice", n, n);
            }
            List<Event> events = stream.until(event -> event.data().at("/entries/0/score").longValue(0) == 200);
            long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
            assertThat(events).hasSizeLessThanOrEqualTo((int) seconds + 2);
        }
    }

    @Test
    void allWhoWatchTheSameShareOneLook() {
        List<EventStream> streams = new ArrayList<>();
        try {
            for (int n = 0; n < 20; n++) {
                streams.add(EventStream.open(api, TOP));
                assertThat(streams.getLast().next().players()).isEmpty();
            }
            board.put("alice", 1, 1);
            assertThat(streams).allSatisfy(stream -> assertThat(stream.next().players()).containsExactly("alice"));
            assertThat(looks()).as("one at first, one after the change, and perhaps one anyway").isBetween(2.0, 6.0);
        } finally {
            streams.forEach(EventStream::close);
        }
    }

    @Test
    void whatNobodyWatchesIsNotRead() {
        try (EventStream stream = EventStream.open(api, TOP)) {
            stream.next();
        }
        // That a reader has gone is noticed when it is written to.
        await().atMost(PATIENCE).until(() -> {
            board.put("alice", System.nanoTime() >>> 10, 1);
            return streams() == 0;
        });
        double before = looks();
        board.put("alice", 1, 1);
        board.put("alice", 2, 2);

        try (EventStream stream = EventStream.open(api, "/v1/boards/other/stream")) {
            stream.next();
            assertThat(looks()).isEqualTo(before + 1);
        }
    }

    @Test
    void aStreamWhereNothingChangesGivesSignsOfLife() {
        try (EventStream stream = EventStream.open(api, TOP)) {
            stream.next();
            await().atMost(PATIENCE).until(stream::commented);
            assertThat(stream.waiting()).isZero();
            assertThat(stream.ended()).isFalse();
        }
    }

    @Test
    void oneClientAndOneProcessMayHaveSoManyStreams() {
        startAgain(Map.of("MILLRACE_CLIENT_STREAMS_MAX", "2", "MILLRACE_STREAMS_MAX", "3"));
        String rival = api.createClient("rival");
        try (EventStream one = EventStream.open(api, TOP); EventStream other = EventStream.open(api, TOP)) {
            assertThat(List.of(one.status(), other.status())).containsOnly(200);
            Answer tooMany = api.get(TOP);
            assertThat(tooMany.status()).isEqualTo(429);
            assertThat(tooMany.problem()).isEqualTo("streams-full");
            assertThat(tooMany.header("Retry-After")).isEqualTo("5");
            try (EventStream third = EventStream.open(api.request(TOP, rival).build())) {
                assertThat(third.status()).isEqualTo(200);
                Answer full = api.getAs(rival, TOP);
                assertThat(full.status()).isEqualTo(503);
                assertThat(full.problem()).isEqualTo("unavailable");
            }
        }
        await().atMost(PATIENCE).until(() -> {
            board.put("alice", System.nanoTime() >>> 10, 1);
            return streams() < 2;
        });
        try (EventStream again = EventStream.open(api, TOP)) {
            assertThat(again.status()).isEqualTo(200);
        }
    }

    @Test
    void aStreamEndsWithItsKey() {
        String rival = api.createClient("rival");
        try (EventStream stream = EventStream.open(api.request(TOP, rival).build()); EventStream ours = EventStream.open(api, TOP)) {
            stream.next();
            ours.next();
            String id = api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/rival/keys").json().at("/items/0/id").stringValue();
            assertThat(api.deleteAs(RunningApi.ADMIN_KEY, "/v1/clients/rival/keys/" + id).status()).isEqualTo(204);

            await().atMost(PATIENCE).until(stream::ended);
            assertThat(ours.ended()).isFalse();
        }
    }

    @Test
    void aStreamEndsWithItsSession() {
        Sessions sessions = new Sessions(api.redis(), api.namespace().keys(),
                new SessionSecrets(new KeyHash(api.settings().door().keyPepper())), api.settings().users());
        String bearer = "Bearer " + sessions.begin("acme", "ann", "").secret();
        board.put("alice", 10, 1);
        try (EventStream stream = EventStream.open(api.request(TOP, null).header("Authorization", bearer).build())) {
            assertThat(stream.next().players()).containsExactly("alice");
            assertThat(api.send(api.request("/v1/auth/logout", null).header("Authorization", bearer).POST(BodyPublishers.noBody()).build())
                    .status()).isEqualTo(204);

            await().atMost(PATIENCE).until(stream::ended);
        }
    }

    @Test
    void streamsEndBeforeTheProcessStops() {
        try (EventStream stream = EventStream.open(api, TOP)) {
            stream.next();
            long begin = System.nanoTime();
            api.api().stop(Duration.ofSeconds(20));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
            await().atMost(PATIENCE).until(stream::ended);
        }
    }

    @Test
    void whoTakesNothingIsDropped() throws IOException {
        for (int n = 0; n < 100; n++) {
            board.put("p" + n, 1_000 + n, HandWrittenBoard.NOON, "GLOBAL", "x".repeat(1_000));
        }
        try (Socket deaf = new Socket()) {
            deaf.setReceiveBufferSize(4 << 10);
            deaf.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port()));
            deaf.getOutputStream()
                    .write(("GET /v1/boards/main/stream?limit=100 HTTP/1.1\r\nHost: boards\r\nX-Api-Key: " + api.key() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(PATIENCE).until(() -> streams() == 1);
            await().atMost(PATIENCE.multipliedBy(2)).pollInterval(Duration.ofMillis(10)).until(() -> {
                board.put("p0", System.nanoTime() >>> 10, 1);
                return streams() == 0;
            });
        }
    }

    @Test
    void theLastEventIdDoesNoHarm() {
        board.put("alice", 10, 1);
        for (String id : List.of("", "none-of-ours", "x".repeat(1_000))) {
            try (EventStream stream = EventStream.open(api.request(TOP, api.key()).header("Last-Event-ID", id).build())) {
                assertThat(stream.next().players()).containsExactly("alice");
            }
        }
    }

    @Test
    void itsHeadTellsWhatItWouldBe() {
        Answer head = api.send(api.request(TOP, api.key()).method("HEAD", BodyPublishers.noBody()).build());

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(streams()).isZero();
        assertThat(api.send(api.request(TOP, api.key()).header("Accept", "application/json").build()).status()).isEqualTo(406);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            limit=101 | limit
            limit=0 | limit
            limit=3&player=bob | limit
            player= | player
            player=a,b | player
            cursor=x | cursor
            region=a%20b | region
            """)
    void parametersThatAreWrongAreNamed(String query, String parameter) {
        Answer answer = api.get("/v1/boards/main/stream?" + query);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/parameter").stringValue()).isEqualTo(parameter);
    }

    private double looks() {
        return api.metrics().get("millrace_board_looks_total").counter().count();
    }

    private double streams() {
        return api.metrics().get("millrace_board_streams").gauge().value();
    }
}
