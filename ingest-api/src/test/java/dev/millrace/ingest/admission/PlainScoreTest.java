package dev.millrace.ingest.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.event.EventTypes;
import dev.millrace.schema.event.ScoreData;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class PlainScoreTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> FIELDS = List.of("player", "value", "board", "region", "name", "other");
    private static final List<
            String> VALUES = List.of("\"ann\"", "\"a b\"", "\"\"", "\"" + "x".repeat(64) + '"', "\"" + "x".repeat(65) + '"',
                    "\"ann\\n\"", "\"\\u0007\"", "\"" + "\\ud83d\\ude00".repeat(128) + '"', "\"" + "y".repeat(129) + '"', "0", "-7", "1.0",
                    "1e2", "1.5",
                    Long.toString(ScoreData.MAX_SCORE), Long.toString(-ScoreData.MAX_SCORE), Long.toString(ScoreData.MAX_SCORE + 1),
                    Long.toString(Long.MIN_VALUE), "99999999999999999999", "true", "null", "[]", "{}");

    private final EventSchemas schemas = new EventSchemas(EventTypes.builtIn());

    @ParameterizedTest
    @ValueSource(strings = {"{\"player\":\"ann\",\"value\":1}", "{\"value\":-9007199254740991,\"player\":\"a.b~c:d@e-f_G\"}",
            "{\"player\":\"ann\",\"value\":0,\"board\":\"arena\",\"region\":\"EU\",\"name\":\"Ann \\u00c5\"}"})
    void usualScoresAreKnown(String data) {
        assertThat(PlainScore.is(JSON.readTree(data))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "{}", "{\"player\":\"ann\"}", "{\"value\":1}", "{\"player\":\"ann\",\"value\":1.0}",
            "{\"player\":\"ann\",\"value\":1,\"extra\":1}", "{\"player\":\"ann\\n\",\"value\":1}"})
    void whatIsDoubtfulIsLeftToTheSchemas(String data) {
        assertThat(PlainScore.is(JSON.readTree(data))).isFalse();
    }

    @Test
    void theSchemasLetPassWhateverIsKnown() {
        Random random = new Random(11);
        int known = 0;
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder("{\"player\":").append(random.nextInt(4) == 0 ? any(random) : "\"ann\"")
                    .append(",\"value\":")
                    .append(random.nextInt(4) == 0 ? any(random) : "5");
            for (String field : FIELDS.subList(2, FIELDS.size())) {
                if (random.nextInt(5) == 0) {
                    text.append(",\"").append(field).append("\":").append(any(random));
                }
            }
            JsonNode data = JSON.readTree(text.append('}').toString());
            if (PlainScore.is(data)) {
                known++;
                for (String type : EventTypes.builtIn().keySet()) {
                    assertThat(schemas.check(type, data, UnaryOperator.identity())).as("%s of %s", type, data).isEmpty();
                }
            }
        }
        assertThat(known).isGreaterThan(500);
    }

    private static String any(Random random) {
        return VALUES.get(random.nextInt(VALUES.size()));
    }
}
