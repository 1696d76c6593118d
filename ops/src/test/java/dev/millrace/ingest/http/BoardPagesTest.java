package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Boards that are read stretch by stretch while their players move. */
@RealRedis
final class BoardPagesTest {
    private final RedisSpace space;
    private RunningApi api;
    private HandWrittenBoard board;

    BoardPagesTest(RedisSpace space) {
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
    void stretchesFollowEachOtherWithoutGapOrRepeat() {
        // Three to a score, so that stretches end among equals.
        List<String> all = stand(25, n -> 100 - n / 3);

        List<String> read = new ArrayList<>();
        List<Long> ranks = new ArrayList<>();
        @Nullable String cursor = null;
        do {
            JsonNode stretch = stretch(4, cursor);
            read.addAll(players(stretch));
            stretch.path("entries").valueStream().forEach(entry -> ranks.add(entry.path("rank").longValue()));
            cursor = stretch.path("next").stringValue(null);
        } while (cursor != null);

        assertThat(read).isEqualTo(all);
        assertThat(ranks).isEqualTo(IntStream.rangeClosed(1, 25).mapToObj(n -> (long) n).toList());
    }

    @Test
    void pagesAreWhereTheyAre() {
        List<String> all = stand(25, n -> 100 - n / 3);

        for (int page = 1; page <= 3; page++) {
            JsonNode read = api.get("/v1/boards/main/top?limit=10&page=" + page).json();
            assertThat(players(read)).isEqualTo(all.subList(10 * (page - 1), Math.min(25, 10 * page)));
            assertThat(read.at("/entries/0/rank").longValue()).isEqualTo(10L * (page - 1) + 1);
            assertThat(read.path("next").isNull()).isEqualTo(page == 3);
        }
        JsonNode beyond = api.get("/v1/boards/main/top?limit=1000&page=1000000").json();
        assertThat(beyond.path("entries").size()).isZero();
        assertThat(beyond.path("next").isNull()).isTrue();
        String behindTheSecond = api.get("/v1/boards/main/top?limit=10&page=2").json().path("next").stringValue();
        assertThat(players(stretch(10, behindTheSecond))).isEqualTo(all.subList(20, 25));
    }

    @Test
    void aStretchGoesOnBehindItsCursorWhenThatPlayerHasMoved() {
        stand(6, n -> 7);
        JsonNode first = stretch(3, null);
        board.put("p2", 1_000, Instant.now(), "GLOBAL", null);

        JsonNode second = stretch(3, first.path("next").stringValue());

        assertThat(players(second)).containsExactly("p3", "p4", "p5");
        assertThat(second.at("/entries/0/rank").longValue()).isEqualTo(4);
    }

    @Test
    void whoFallsBehindTheReaderIsNotMetAgain() {
        stand(9, n -> 100 - n);
        JsonNode first = stretch(3, null);
        board.put("p0", 97, later(), "GLOBAL", null);
        board.put("p1", 1, later(), "GLOBAL", null);
        board.put("p7", 94, later(), "GLOBAL", null);

        JsonNode second = stretch(3, first.path("next").stringValue());
        JsonNode third = stretch(9, second.path("next").stringValue());

        assertThat(players(second)).as("as many as were asked for").containsExactly("p3", "p4", "p5");
        assertThat(players(third)).as("with one who moved and was not met").containsExactly("p6", "p7", "p8");
        assertThat(third.path("next").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void readersMeetNobodyTwiceAndEverybodyWhoStoodStill(long seed) {
        Random random = new Random(seed);
        Set<String> still = new HashSet<>(stand(120, n -> random.nextInt(40)));

        List<String> read = new ArrayList<>();
        @Nullable String cursor = null;
        do {
            JsonNode stretch = stretch(1 + random.nextInt(12), cursor);
            read.addAll(players(stretch));
            cursor = stretch.path("next").stringValue(null);
            for (int n = 0; n < 5; n++) {
                String moves = "p" + random.nextInt(120);
                still.remove(moves);
                board.put(moves, random.nextInt(40), later(), "GLOBAL", null);
            }
        } while (cursor != null);

        assertThat(read).doesNotHaveDuplicates().containsAll(still);
    }

    /** When a score is reached that comes after what was read, whatever clocks say. */
    private static Instant later() {
        return Instant.now().plusMillis(1);
    }

    private List<String> stand(int players, IntUnaryOperator score) {
        List<String> all = new ArrayList<>();
        for (int n = 0; n < players; n++) {
            board.put("p" + n, score.applyAsInt(n), n + 1);
            all.add("p" + n);
        }
        return all;
    }

    private JsonNode stretch(int limit, @Nullable String cursor) {
        return api.get("/v1/boards/main/top?limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor)).json();
    }

    private static List<String> players(JsonNode stretch) {
        return stretch.path("entries").valueStream().map(entry -> entry.path("player").stringValue()).toList();
    }
}
