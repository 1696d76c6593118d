package dev.millrace.schema.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReplyTest {
    private final Reply reply = new Reply(
            Arrays.asList(bytes("OK"), 42L, bytes("9007199254740993"), bytes("Ä"), List.of(bytes("one"), 2L), null,
                    new byte[]{(byte) 0xFF, 0}));

    @Test
    void theFirstItemIsTheWord() {
        assertThat(reply.word()).isEqualTo("OK");
        assertThat(reply.size()).isEqualTo(7);
    }

    @Test
    void numbersReadAsRepliesAndAsText() {
        assertThat(reply.number(1)).isEqualTo(42);
        assertThat(reply.number(2)).isEqualTo(9_007_199_254_740_993L);
        assertThat(reply.text(1)).isEqualTo("42");
        assertThat(reply.bytes(1)).isEqualTo(bytes("42"));
        assertThatExceptionOfType(NumberFormatException.class).isThrownBy(() -> reply.number(0));
    }

    @Test
    void textIsUtf8AndBytesAreLeftAlone() {
        assertThat(reply.text(3)).isEqualTo("Ä");
        assertThat(reply.bytes(6)).containsExactly(0xFF, 0);
    }

    @Test
    void listsAreRepliesThemselves() {
        assertThat(reply.list(4).text(0)).isEqualTo("one");
        assertThat(reply.list(4).number(1)).isEqualTo(2);
        assertThatIllegalStateException().isThrownBy(() -> reply.list(1)).withMessage("script answered Long at 1");
    }

    @Test
    void nothingIsToldFromSomething() {
        assertThat(reply.isNull(5)).isTrue();
        assertThat(reply.isNull(0)).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> reply.text(5)).withMessage("script answered nothing at 5");
        assertThatIllegalStateException().isThrownBy(() -> reply.number(5)).withMessage("script answered nothing at 5");
        assertThatIllegalStateException().isThrownBy(() -> reply.list(5)).withMessage("script answered nothing at 5");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
