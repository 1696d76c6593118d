package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamIdTest {
    private static final long LAST_MS = (1L << 48) - 1;

    @ParameterizedTest
    @ValueSource(strings = {"0-0", "1-0", "0-1", "1767225600000-12", "281474976710655-9223372036854775807"})
    void readsWhatItWrites(String text) {
        assertThat(StreamId.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "5", "5-", "-5", "5-3-1", "5--3", "-5-3", "+5-3", "5-+3", " 5-3", "5-3 ", "5-x", "0x5-3", "٥-٣",
            "281474976710656-0", "5-9223372036854775808", "99999999999999999999-0"})
    void refusesAnyOtherText(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> StreamId.parse(text)).withMessageStartingWith("not a stream id: ");
    }

    @Test
    void refusesPartsOutOfRange() {
        assertThatIllegalArgumentException().isThrownBy(() -> new StreamId(-1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new StreamId(0, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new StreamId(LAST_MS + 1, 0));
    }

    @Test
    void isOrderedByTimeAndThenBySequenceAsNumbers() {
        List<StreamId> ordered = Stream.of("0-0", "0-9", "0-10", "9-0", "10-0", "10-5", "1767225600000-0", LAST_MS + "-0")
                .map(StreamId::parse)
                .toList();
        assertThat(ordered.reversed().stream().sorted()).containsExactlyElementsOf(ordered);
    }

    @Test
    void nothingFitsBetweenAnIdAndTheNext() {
        assertThat(new StreamId(5, 3).next()).isEqualTo(new StreamId(5, 4));
        assertThat(new StreamId(5, Long.MAX_VALUE).next()).isEqualTo(new StreamId(6, 0));
    }

    @Test
    void packsInto48BitsOfTimeAnd16OfSequence() {
        assertThat(StreamId.ZERO.packed()).isZero();
        assertThat(new StreamId(0x0123_4567_89ABL, 0xCDEF).packed()).isEqualTo(0x0123_4567_89AB_CDEFL);
        assertThat(new StreamId(LAST_MS, 0xFFFF).packed()).isEqualTo(-1);
    }

    @Test
    void packedIdsSortLikeTheIdsWhileSequencesFit16Bits() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            StreamId one = new StreamId(random.nextLong(LAST_MS + 1), random.nextLong(0x1_0000));
            StreamId other = new StreamId(random.nextBoolean() ? one.ms() : random.nextLong(LAST_MS + 1), random.nextLong(0x1_0000));
            assertThat(Integer.signum(Long.compareUnsigned(one.packed(), other.packed()))).as("%s and %s, seed %d", one, other, seed)
                    .isEqualTo(Integer.signum(one.compareTo(other)));
        }
    }

    @Test
    void knowsWhenItWasGiven() {
        assertThat(StreamId.parse("1767225600000-3").time()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    }
}
