package dev.millrace.ingest.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.board.Line;
import dev.millrace.schema.board.Line.Spot;
import dev.millrace.schema.event.StreamId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BoardCursorTest {
    private static final Instant SINCE = Instant.parse("2026-03-01T09:31:12.004Z");
    private static final Spot LAST = new Spot(-9_007_199_254_740_991L, new StreamId(SINCE.toEpochMilli(), 65_535).packed(),
            "a-name.of_64~characters:@-" + "0".repeat(38));

    @Test
    void aCursorReadsBack() {
        BoardCursor read = BoardCursor.decode(cursor("alice", "bob").encode()).orElseThrow();

        assertThat(read.last()).isEqualTo(LAST);
        assertThat(read.since()).isEqualTo(SINCE);
        assertThat(read.seen().mayHold("alice")).isTrue();
        assertThat(read.seen().mayHold("bob")).isTrue();
        assertThat(read.seen().mayHold("carol")).isFalse();
    }

    @Test
    void whoWasSeenAndMovedSinceIsMet() {
        BoardCursor cursor = cursor("alice");

        assertThat(cursor.met(line("alice", SINCE.plusMillis(1)))).isTrue();
        assertThat(cursor.met(line("alice", SINCE))).isTrue();
        assertThat(cursor.met(line("alice", SINCE.minusMillis(1)))).as("stood still").isFalse();
        assertThat(cursor.met(line("bob", SINCE.plusMillis(1)))).as("was not seen").isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!", "AAAA", "AAAAAAAAAAA", "a b", "AAAAAAAAAAAAAAAAAAAA====="})
    void otherTextsAreNoCursors(String text) {
        assertThat(BoardCursor.decode(text)).isEmpty();
        assertThat(BoardCursor.decode(text + "A".repeat(400))).isEmpty();
        assertThat(BoardCursor.decode(text + "A".repeat(4_000))).isEmpty();
    }

    @Test
    void whatIsNotLikeOneOfOursIsNoCursor() {
        byte[] genuine = Base64.getUrlDecoder().decode(cursor("alice").encode());
        byte[] otherFormat = genuine.clone();
        otherFormat[0] = 2;
        byte[] noScore = genuine.clone();
        noScore[1] = 0x7f;
        byte[] noName = genuine.clone();
        noName[noName.length - 1] = 0;
        for (byte[] changed : List.of(otherFormat, noScore, noName)) {
            assertThat(BoardCursor.decode(Base64.getUrlEncoder().encodeToString(changed))).isEmpty();
        }
    }

    private static BoardCursor cursor(String... seen) {
        assertThat(LAST.player().getBytes(StandardCharsets.US_ASCII)).hasSize(64);
        return new BoardCursor(LAST, SINCE, SeenPlayers.none().and(List.of(seen)));
    }

    private static Line line(String player, Instant achievedAt) {
        return new Line(player, null, "GLOBAL", 1, new StreamId(achievedAt.toEpochMilli(), 0).packed());
    }
}
