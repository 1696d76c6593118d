package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.EventTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Holds the OpenAPI document to the code, and its examples to its schemas. */
final class OpenApiTest {
    private static final String HOME = "https://millrace.dev/openapi.json";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");
    private static final JsonNode DOCUMENT = document();

    @Test
    void itNamesEveryOperationOfTheCodeAndNoOther() {
        Map<String, Set<String>> documented = new TreeMap<>();
        DOCUMENT.path("paths").forEachEntry((path, item) -> item.forEachEntry((method, operation) -> {
            if (METHODS.contains(method)) {
                documented.put(method.toUpperCase(Locale.ROOT) + ' ' + path, parameters(operation, "query"));
            }
        }));

        Map<String, Set<String>> coded = new TreeMap<>();
        for (Operation operation : Operation.values()) {
            coded.put(operation.method() + " " + operation.path(), new TreeSet<>(operation.query()));
        }
        assertThat(documented).isEqualTo(coded);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyOperationDeclaresItsPathParametersAndAnswers(String name, JsonNode operation) {
        Set<String> inPath = Pattern.compile("\\{(\\w+)}").matcher(name).results().map(part -> part.group(1)).collect(Collectors.toSet());
        assertThat(parameters(operation, "path")).isEqualTo(inPath);
        assertThat(operation.path("operationId").stringValue("")).isNotEmpty();
        assertThat(operation.path("summary").stringValue("")).isNotEmpty();
        assertThat(operation.path("responses").propertyNames()).anyMatch(status -> status.startsWith("2"));
        if (!operation.has("security")) {
            assertThat(operation.path("responses").propertyNames()).contains("401", "503", "default");
        }
    }

    @Test
    void itListsEveryProblemType() {
        assertThat(words(DOCUMENT.at("/components/schemas/Problem/properties/type/enum")))
                .containsExactlyElementsOf(Arrays.stream(ProblemType.values()).map(type -> type.uri().toString()).toList());
    }

    @Test
    void itListsEveryEventType() {
        assertThat(words(DOCUMENT.at("/components/schemas/NewScoreEvent/properties/type/enum")))
                .containsExactlyElementsOf(EventTypes.builtIn().keySet());
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> references = DOCUMENT.findValues("$ref").stream().map(JsonNode::stringValue).distinct().toList();
        assertThat(references).isNotEmpty()
                .allSatisfy(reference -> assertThat(DOCUMENT.at(reference.substring(1)).isMissingNode()).isFalse());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsValid(String place, JsonNode example) {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemas(Map.of(HOME, DOCUMENT.toString())));
        Schema schema = registry.getSchema(SchemaLocation.of(HOME + '#' + place + "/schema"));

        assertThat(schema.validate(example.toString(), InputFormat.JSON)).as("example at %s", place).isEmpty();
    }

    static List<Object[]> operations() {
        List<Object[]> operations = new ArrayList<>();
        DOCUMENT.path("paths").forEachEntry((path, item) -> item.forEachEntry(
                (method, operation) -> operations.add(new Object[]{method.toUpperCase(Locale.ROOT) + ' ' + path, operation})));
        return operations;
    }

    static List<Object[]> examples() {
        List<Object[]> examples = new ArrayList<>();
        collectExamples(DOCUMENT, "", examples);
        assertThat(examples).hasSizeGreaterThan(20);
        return examples;
    }

    private static void collectExamples(JsonNode node, String place, List<Object[]> examples) {
        if (node.has("schema")) {
            if (node.has("example")) {
                examples.add(new Object[]{place, node.path("example")});
            }
            node.path("examples").forEachEntry((name, example) -> examples.add(new Object[]{place, example.path("value")}));
        }
        node.forEachEntry((name, child) -> collectExamples(child, place + '/' + name.replace("~", "~0").replace("/", "~1"), examples));
    }

    private static Set<String> parameters(JsonNode operation, String in) {
        return operation.path("parameters").valueStream()
                .map(parameter -> parameter.has("$ref") ? DOCUMENT.at(parameter.path("$ref").stringValue().substring(1)) : parameter)
                .filter(parameter -> parameter.path("in").stringValue().equals(in)).map(parameter -> parameter.path("name").stringValue())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> words(JsonNode array) {
        return array.valueStream().map(JsonNode::stringValue);
    }

    static JsonNode document() {
        try (InputStream in = Operation.class.getResourceAsStream("openapi.yaml")) {
            // Through JSON, so that it holds what a reader of JSON would see.
            return JsonMapper.builder().build().readTree(YAMLMapper.builder().build().readTree(in).toString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
