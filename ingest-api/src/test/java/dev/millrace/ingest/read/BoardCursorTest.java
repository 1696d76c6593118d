package dev.millrace.ingest.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.redis.BoardMember;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BoardCursorTest {
    @Test
    void aCursorReadsBack() {
        byte[] member = new BoardMember(1L << 60, "alice").toBytes();

        BoardCursor read = BoardCursor.decode(new BoardCursor(-9_007_199_254_740_991L, member).encode()).orElseThrow();

        assertThat(read.ranked()).isEqualTo(-9_007_199_254_740_991L);
        assertThat(read.member()).isEqualTo(member);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!", "AAAA", "AAAAAAAAAAA", "a b", "AAAAAAAAAAAAAAAAAAAA====="})
    void otherTextsAreNoCursors(String text) {
        assertThat(BoardCursor.decode(text)).isEmpty();
        assertThat(BoardCursor.decode(text + "A".repeat(200))).isEmpty();
    }
}
