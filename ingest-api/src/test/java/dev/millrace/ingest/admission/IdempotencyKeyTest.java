package dev.millrace.ingest.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class IdempotencyKeyTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            abc | abc
            "abc" | abc
            "a b" | a b
            a b/c | a b/c
            "say \\"hi\\" \\\\" | say "hi" \\
            8e03978e-40d5-43dd-bc93-6894a57f9324 | 8e03978e-40d5-43dd-bc93-6894a57f9324
            """)
    void bothFormsNameTheSameKey(String header, String key) {
        assertThat(IdempotencyKey.ofHeader(header)).contains(key);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void otherFormsAreNoKeys(String header) {
        assertThat(IdempotencyKey.ofHeader(header)).isEmpty();
    }

    static String[] wrong() {
        return new String[]{"", "  ", "\"\"", "\"", "\"abc", "\"abc\"x", "\"abc\";a=1", "\"a\\b\"", "\"a\\\"", "caf\u00e9", "a\u0007",
                "x".repeat(256), '"' + "x".repeat(256) + '"'};
    }
}
