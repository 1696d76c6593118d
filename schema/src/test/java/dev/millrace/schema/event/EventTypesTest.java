package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class EventTypesTest {
    private static final JsonMapper JSON = new JsonMapper();

    static Stream<String> types() {
        return EventTypes.builtIn().keySet().stream();
    }

    @Test
    void aFolderAddsTypesToTheBuiltInOnes(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("order.paid.json"), "{}");
        Files.writeString(folder.resolve("job.email.json"), "true");
        Files.createDirectory(folder.resolve("..2026_03_01"));
        Files.writeString(folder.resolve(".order.json.swp"), "{");

        Map<String, String> all = EventTypes.with(folder);

        assertThat(all).containsAllEntriesOf(EventTypes.builtIn()).containsEntry("order.paid", "{}").containsEntry("job.email", "true")
                .hasSize(EventTypes.builtIn().size() + 2);
        assertThat(EventTypes.with(null)).isEqualTo(EventTypes.builtIn());
    }

    @ParameterizedTest
    @ValueSource(strings = {"order.paid", "order.jsn", "or der.json", "é.json", "README.md", "score.add.json", "score.max.json"})
    void aFileWithABadOrTakenNameIsNotedInOneLine(String name, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve(name), "{}");
        assertThatIllegalStateException().isThrownBy(() -> EventTypes.with(folder)).withMessageStartingWith("MILLRACE_TYPES holds ")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void aFolderThatCanNotBeReadIsNoted(@TempDir Path folder) throws IOException {
        Path none = folder.resolve("none");
        assertThatIllegalStateException().isThrownBy(() -> EventTypes.with(none))
                .withMessageStartingWith("MILLRACE_TYPES names " + none + ", which can't be read: ");
        Files.createDirectory(folder.resolve("order.paid.json"));
        assertThatIllegalStateException().isThrownBy(() -> EventTypes.with(folder))
                .withMessageStartingWith("MILLRACE_TYPES names " + folder + ", which can't be read: ");
    }

    @Test
    void moreTypesThanMetricsCanTellApartAreRefused(@TempDir Path folder) throws IOException {
        for (int i = 0; i < 254; i++) {
            Files.writeString(folder.resolve("type" + i + ".json"), "{}");
        }
        assertThatIllegalStateException().isThrownBy(() -> EventTypes.with(folder)).withMessageContaining("more than 256 event types");
    }

    @Test
    void everyScoreOperationHasItsType() {
        assertThat(EventTypes.builtIn().keySet())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ScoreOp.values()).map(ScoreOp::type).toList());
        assertThat(types()).allSatisfy(type -> assertThat(ScoreOp.ofType(type).orElseThrow().type()).isEqualTo(type));
        assertThat(ScoreOp.ofType("score.max")).isEmpty();
        assertThat(ScoreOp.ofType("SCORE.ADD")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("types")
    void aSchemaNamesItsDialectAndItself(String type) {
        JsonNode schema = schema(type);
        assertThat(schema.required("$schema").stringValue()).isEqualTo("https://json-schema.org/draft/2020-12/schema");
        assertThat(schema.required("$id").stringValue()).endsWith("/" + type + ".json");
        assertThat(schema.required("title").stringValue()).isEqualTo(type);
    }

    @ParameterizedTest
    @MethodSource("types")
    void aSchemaTakesTheFieldsThatAreReadAndNoOthers(String type) {
        JsonNode schema = schema(type);
        assertThat(schema.required("type").stringValue()).isEqualTo("object");
        assertThat(schema.required("additionalProperties").booleanValue()).isFalse();
        assertThat(schema.required("required").valueStream().map(JsonNode::stringValue)).containsExactlyInAnyOrder("player", "value");
        assertThat(schema.required("properties").propertyNames()).containsExactlyInAnyOrder("player", "value", "board", "region", "name");
        assertThat(schema.required("properties").valueStream())
                .allSatisfy(field -> assertThat(field.required("description").stringValue()).isNotBlank());
    }

    @ParameterizedTest
    @MethodSource("types")
    void aSchemaTakesTheNamesThatAreLegal(String type) {
        for (String field : new String[]{"player", "board", "region"}) {
            assertThat(field(type, field, "type").stringValue()).isEqualTo("string");
            assertThat(field(type, field, "pattern").stringValue()).as(field).isEqualTo("^" + Names.PATTERN + "$");
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void aSchemaTakesTheValuesThatAreHeldExactly(String type) {
        assertThat(field(type, "value", "type").stringValue()).isEqualTo("integer");
        assertThat(field(type, "value", "minimum").longValue()).isEqualTo(-ScoreData.MAX_SCORE);
        assertThat(field(type, "value", "maximum").longValue()).isEqualTo(ScoreData.MAX_SCORE);
    }

    @ParameterizedTest
    @MethodSource("types")
    void aSchemaSaysTheDefaults(String type) {
        assertThat(field(type, "board", "default").stringValue()).isEqualTo(ScoreData.MAIN_BOARD);
        assertThat(field(type, "region", "default").stringValue()).isEqualTo(ScoreData.GLOBAL);
    }

    /** JSON Schema counts characters as code points do, and so must whoever reads what it let in. */
    @ParameterizedTest
    @MethodSource("types")
    void aSchemaTakesTheDisplayNamesThatAreShown(String type) {
        int max = field(type, "name", "maxLength").intValue();
        Pattern pattern = Pattern.compile(field(type, "name", "pattern").stringValue());
        assertThat(field(type, "name", "minLength").intValue()).isEqualTo(1);
        assertThat(max).isEqualTo(ScoreData.MAX_DISPLAY_NAME);
        for (String name : new String[]{"n", "Zoë 🎲", "🎲".repeat(max), "n".repeat(max), "", "🎲".repeat(max + 1), "n".repeat(max + 1),
                "a\tb",
                "\u0000", "\u009f", "\u00a0"}) {
            int length = name.codePointCount(0, name.length());
            assertThat(shown(name)).as(name).isEqualTo(length >= 1 && length <= max && pattern.matcher(name).matches());
        }
    }

    @ParameterizedTest
    @CsvSource({"order.paid, 1", "order.paid.v2, 2", "job.email.v10, 10", "v2, 1", "order.v2x, 1", "order.v2.done, 1",
            "order.v999999, 999999"})
    void aTypesVersionIsInItsName(String type, int version) {
        assertThat(EventTypes.version(type)).isEqualTo(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"order.paid.v0", "order.paid.v1", "order.paid.v02", "order.paid.v1000000", "order.paid.v00000000000000000002"})
    void aVersionThatIsNoLaterOneIsRefused(String type, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve(type + ".json"), "{}");
        assertThatIllegalStateException().isThrownBy(() -> EventTypes.with(folder))
                .withMessage("MILLRACE_TYPES holds " + type + ".json; the first version of a type is named without a number, later ones "
                        + "<type>.v2 and so on");
    }

    private static boolean shown(String name) {
        try {
            return name.equals(new ScoreData("ann", 1, "main", "GLOBAL", name).name());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static JsonNode field(String type, String field, String keyword) {
        return schema(type).required("properties").required(field).required(keyword);
    }

    private static JsonNode schema(String type) {
        return JSON.readTree(EventTypes.builtIn().get(type));
    }
}
