package dev.millrace.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OneLineTest {
    @Test
    void plainTextStaysAsItIs() {
        assertThat(OneLine.of("player 'Zoë' of 東京 😀 reached 42 points")).isEqualTo("player 'Zoë' of 東京 😀 reached 42 points");
    }

    @Test
    void lineBreaksAndTerminalCodesAreSpelledOut() {
        assertThat(OneLine.of("a\r\nERROR forged\u001b[2J\u007f\u0085")).isEqualTo("a\\u000d\\u000aERROR forged\\u001b[2J\\u007f\\u0085");
    }

    @Test
    void directionMarksAndUnicodeLineBreaksAreSpelledOut() {
        assertThat(OneLine.of("a\u202eb\u2028c\u2029d\u200be")).isEqualTo("a\\u202eb\\u2028c\\u2029d\\u200be");
    }
}
