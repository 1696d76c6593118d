package dev.millrace.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.nio.CharBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonItemsTest {
    private final JsonItems items = new JsonItems(100_000, 5);

    @Test
    void itemsAreCutAsTheyAreWritten() {
        assertThat(texts("\n [ {\"a\": [1, \"],\\\"[\" ]} ,-1.50e2,\"ä🎲\\u0000\",\tnull , [ ] ]\n")).containsExactly(
                "{\"a\": [1, \"],\\\"[\" ]}",
                "-1.50e2", "\"ä🎲\\u0000\"", "null", "[ ]");
        assertThat(texts("[]")).isEmpty();
    }

    @Test
    void whatIsNotWantedOfAnItemIsForItsReaderToSay() {
        String deep = "[".repeat(500) + "]".repeat(500);
        String twice = "{\"a\":1,\"a\":2}";
        assertThat(texts("[" + deep + "," + twice + "," + "9".repeat(900) + "]")).containsExactly(deep, twice, "9".repeat(900));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[", "[1", "[1,", "[1,]", "[1 2]", "[nul]", "[\"a]", "[1] 2", "[1]]", "[NaN]"})
    void whatIsNoArrayIsRefused(String text) {
        assertThat(refusal(text.getBytes(UTF_8))).isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @Test
    void boundsHold() {
        assertThat(refusal("[1,2,3,4,5,6]".getBytes(UTF_8))).isEqualTo(ProblemType.TOO_LARGE);
        assertThat(refusal(("[" + "[".repeat(1_000) + "]".repeat(1_001)).getBytes(UTF_8))).isEqualTo(ProblemType.MALFORMED_JSON);
        assertThat(refusal(new byte[]{'[', '"', (byte) 0xC3, '"', ']'})).isEqualTo(ProblemType.MALFORMED_JSON);
    }

    private List<String> texts(String array) {
        return items.of(array.getBytes(UTF_8)).stream().map(CharBuffer::toString).toList();
    }

    private ProblemType refusal(byte[] body) {
        return catchThrowableOfType(ProblemException.class, () -> items.of(body)).problem().type();
    }
}
