package dev.millrace.ingest.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

final class StrictJsonTest {
    private final StrictJson json = new StrictJson(1_000);

    @Test
    void valuesOfAllKindsAreRead() {
        ObjectNode read = json.readObject(bytes("""
                {"s": "grün \\uD83D\\uDE00 \\"x\\"", "i": -7, "f": 1.25, "t": true, "n": null, "a": [1, [], {}], "o": {"x/y": 1}}"""));

        assertThat(read.toString()).isEqualTo("{\"s\":\"grün \uD83D\uDE00 \\\"x\\\"\",\"i\":-7,\"f\":1.25,\"t\":true,\"n\":null,"
                + "\"a\":[1,[],{}],\"o\":{\"x/y\":1}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1} x", "{\"a\":1}{\"b\":2}", "{a:1}", "{'a':1}",
            "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":-Infinity}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}",
            "{\"a\":1,}", "{\"a\":[1,]}", "{\"a\" 1}", "{\"a\":tru}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "/* */{}", "nul"})
    void whatIsNoJsonIsMalformed(String body) {
        assertThat(refused(bytes(body)).type()).isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @Test
    void malformedJsonIsPlacedAndNamesNoInternals() {
        assertThat(refused(bytes("{\"a\": 1,\n \"b\": nonsense}")).detail()).startsWith("The body is not valid JSON at line 2, column ")
                .doesNotContain("nonsense").doesNotContain("jackson").doesNotContain("Feature");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7B2261223A22C322 7D", "7B2261223A22EDA08022 7D", "7B2261223A22C08022 7D", "7B2261223A22FF22 7D", "FEFF7B7D"})
    void badUtf8IsMalformed(String hex) {
        assertThat(refused(HexFormat.of().parseHex(hex.replace(" ", ""))).type()).isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
    void otherEncodingsAreMalformed(String charset) {
        assertThat(refused("{\"a\":1}".getBytes(Charset.forName(charset))).type()).isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1,"a":2} | #/a
            {"a":{"b":1,"c":2,"b":1}} | #/a/b
            {"a":["x","\\u0000"]} | #/a/1
            {"a":{"b\\u0000":1}} | #/a/b%00
            {"a":"\\uD800"} | #/a
            {"a":"\\uDC00x"} | #/a
            {"a":"\\uD800\\uD800\\uDC00"} | #/a
            {"a":9007199254740992} | #/a
            {"a":-9007199254740992} | #/a
            {"a":9223372036854775808} | #/a
            {"a":-9223372036854775808} | #/a
            {"a":1e400} | #/a
            {"a":[-1e400]} | #/a/0
            {"a b":{"c~/d":1e400}} | #/a%20b/c~0~1d
            """)
    void whatIsNotWantedIsRefusedWithItsPlace(String body, String pointer) {
        Problem problem = refused(bytes(body));

        assertThat(problem.type()).isEqualTo(ProblemType.INVALID_FIELD);
        assertThat(problem.errors()).extracting(InputError::name).containsExactly(pointer);
    }

    @Test
    void aNameWithHalfOfASurrogatePairIsMalformedAtItsObject() {
        Problem problem = refused(bytes("{\"a\":{\"\\uD800\":1}}"));

        assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED_JSON);
        assertThat(problem.errors()).extracting(InputError::name).containsExactly("#/a");
    }

    @Test
    void depthIsBounded() {
        assertThat(json.readObject(bytes("{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}")).size()).isEqualTo(1);

        Problem problem = refused(bytes("{\"a\":" + "[".repeat(200) + "]".repeat(200) + "}"));

        assertThat(problem.type()).isEqualTo(ProblemType.INVALID_FIELD);
        assertThat(problem.errors().getFirst().name()).startsWith("#/a/0/0");
    }

    @Test
    void lengthsAreBounded() {
        assertThat(refused(bytes("{\"a\":" + "1".repeat(500) + "}")).type()).isEqualTo(ProblemType.INVALID_FIELD);
        assertThat(refused(bytes("{\"a\":\"" + "x".repeat(1_001) + "\"}")).type()).isEqualTo(ProblemType.INVALID_FIELD);
        assertThat(refused(bytes("{\"" + "x".repeat(2_000) + "\":1}")).type()).isEqualTo(ProblemType.INVALID_FIELD);
    }

    private Problem refused(byte[] body) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> assertThat(json.readObject(body)).isNull());
        assertThat(refusal).isNotNull();
        return refusal.problem();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
