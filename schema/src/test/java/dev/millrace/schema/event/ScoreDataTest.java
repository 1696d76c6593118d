package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ScoreDataTest {
    private static final ScoreData PLAIN = new ScoreData("ann", 5, "main", "GLOBAL", null);

    @Test
    void leavesOutWhatHoldsItsDefault() {
        assertThat(PLAIN.toJson()).isEqualTo("{\"player\":\"ann\",\"value\":5}");
        assertThat(new ScoreData("ann", -5, "duel", "EU", "Ann").toJson())
                .isEqualTo("{\"player\":\"ann\",\"value\":-5,\"board\":\"duel\",\"region\":\"EU\",\"name\":\"Ann\"}");
    }

    static Stream<ScoreData> readsWhatItWrites() {
        return Stream.of(PLAIN, new ScoreData("a.b_c~d:e@f-9", ScoreData.MAX_SCORE, "main", "GLOBAL", null),
                new ScoreData("p".repeat(64), -ScoreData.MAX_SCORE, "b".repeat(64), "r".repeat(64), "n".repeat(128)),
                new ScoreData("ann", 0, "duel", "main", "\"quoted\" \\ | / {}"),
                new ScoreData("ann", 0, "main", "GLOBAL", "Zoë 選手 🎲 \u202e"),
                new ScoreData("ann", 0, "main", "GLOBAL", "🎲".repeat(128)));
    }

    @ParameterizedTest
    @MethodSource
    void readsWhatItWrites(ScoreData data) throws MalformedEntryException {
        assertThat(ScoreData.parse(data.toJson())).isEqualTo(data);
    }

    @Test
    void readsFieldsInAnyOrderAndLayout() throws MalformedEntryException {
        assertThat(ScoreData.parse(" {\n\"value\" : 5 , \"board\":\"main\",\n\"player\": \"\\u0061nn\" } ")).isEqualTo(PLAIN);
    }

    @ParameterizedTest
    @CsvSource({"5.0, 5", "5e0, 5", "1e3, 1000", "-0.0, 0", "9007199254740991.0, 9007199254740991"})
    void readsEveryNumberThatJsonSchemaCountsAsAnInteger(String number, long value) throws MalformedEntryException {
        assertThat(ScoreData.parse("{\"player\":\"ann\",\"value\":" + number + "}").value()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.5", "1e-1", "9007199254740992", "-9007199254740992", "9223372036854775807", "9223372036854775808", "1e16",
            "1e400",
            "1e1000000000", "1e-1000000000", "\"5\"", "null", "true", "[5]", "{}", "NaN"})
    void refusesAValueThatIsNoScore(String number) {
        assertMalformed("{\"player\":\"ann\",\"value\":" + number + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"player", "board", "region", "name"})
    void refusesATextThatIsNone(String field) {
        for (String value : new String[]{"5", "null", "true", "{}", "[]", "{\"player\":\"bob\"}", "[\"bob\"]", "\"\""}) {
            String player = field.equals("player") ? "" : "\"player\":\"ann\",";
            assertMalformed("{" + player + "\"value\":5,\"" + field + "\":" + value + "}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "5", "[]", "\"ann\"", "{}", "{\"player\":\"ann\"}", "{\"value\":5}",
            "{\"player\":\"ann\",\"value\":5",
            "{\"player\":\"ann\",\"value\":5}}", "{\"player\":\"ann\",\"value\":5}{}", "{\"player\":\"ann\",\"value\":5,\"lane\":\"x\"}",
            "{\"player\":\"a/b\",\"value\":5}", "{'player':'ann','value':5}", "{\"player\":\"ann\",\"value\":5,}"})
    void refusesWhatIsNoScoreData(String json) {
        assertMalformed(json);
    }

    @Test
    void refusesValuesThatCanNotBeHeldExactly() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ScoreData("ann", ScoreData.MAX_SCORE + 1, "main", "GLOBAL", null));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScoreData("ann", -ScoreData.MAX_SCORE - 1, "main", "GLOBAL", null));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScoreData("ann", Long.MIN_VALUE, "main", "GLOBAL", null));
    }

    @Test
    void refusesNamesThatCanNotBeShown() {
        for (String name : new String[]{"", "n".repeat(129), "🎲".repeat(129), "a\nb", "\u0000", "\u007f"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new ScoreData("ann", 5, "main", "GLOBAL", name))
                    .withMessageStartingWith("name ");
        }
    }

    @Test
    void refusesKeysOfAnotherForm() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ScoreData("a b", 5, "main", "GLOBAL", null))
                .withMessageStartingWith("player ");
        assertThatIllegalArgumentException().isThrownBy(() -> new ScoreData("ann", 5, "", "GLOBAL", null))
                .withMessageStartingWith("board ");
        assertThatIllegalArgumentException().isThrownBy(() -> new ScoreData("ann", 5, "main", "a/b", null))
                .withMessageStartingWith("region ");
    }

    /** The message becomes the reason of a dead letter, which is one line. */
    private static void assertMalformed(String json) {
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> ScoreData.parse(json))
                .satisfies(e -> assertThat(e.getMessage()).startsWith("score data ").doesNotContain("\n").hasSizeLessThan(300));
    }
}
