package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Rules of good OpenAPI documents, as linters have them in their recommended sets, and a few of our own. */
final class OpenApiLintTest {
    private static final JsonNode DOCUMENT = OpenApiTest.document();
    private static final Pattern CAMEL_CASE = Pattern.compile("[a-z][a-z0-9]*([A-Z][a-z0-9]*)*");
    private static final Pattern PASCAL_CASE = Pattern.compile("([A-Z]+[a-z0-9]+)+|ETag");
    private static final Pattern KEBAB_CASE = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*(\\.yaml)?");
    /** Names that others gave: RFC 9457 extensions, CloudEvents. */
    private static final Set<String> NAMES_OF_OTHERS = Set.of("violated-policies", "data_base64");

    @Test
    void itIsValidBySchemaOfOpenApi() throws IOException {
        try (InputStream in = OpenApiLintTest.class.getResourceAsStream("openapi-3.1.schema.json")) {
            Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON);

            assertThat(schema.validate(DOCUMENT)).isEmpty();
        }
    }

    @Test
    void itsSchemasAreValidJsonSchemas() {
        Schema schemaOfSchemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
        List<JsonNode> schemas = new ArrayList<>(DOCUMENT.findValues("schema"));
        DOCUMENT.at("/components/schemas").forEach(schemas::add);

        assertThat(schemas).hasSizeGreaterThan(100).allSatisfy(schema -> assertThat(schemaOfSchemas.validate(schema)).isEmpty());
    }

    @Test
    void itSaysWhoseItIsAndWhereItIs() {
        assertThat(DOCUMENT.path("openapi").stringValue()).startsWith("3.1.");
        for (String place : List.of("/info/title", "/info/version", "/info/summary", "/info/description", "/info/license/identifier",
                "/info/contact/name", "/info/contact/url", "/servers/0/url")) {
            assertThat(DOCUMENT.at(place).stringValue("")).as(place).isNotBlank();
        }
        assertThat(DOCUMENT.at("/servers/0/url").stringValue()).doesNotContain("example.com");
    }

    @ParameterizedTest
    @MethodSource("dev.millrace.ingest.http.OpenApiTest#operations")
    void everyOperationIsDescribed(String name, JsonNode operation) {
        assertThat(operation.path("operationId").stringValue("")).matches(CAMEL_CASE);
        assertThat(operation.path("summary").stringValue("")).isNotBlank().doesNotEndWith(".").hasSizeLessThan(90);
        assertThat(operation.path("description").stringValue("")).isNotBlank();
        assertThat(operation.path("tags")).as("one group in which it is shown").hasSize(1);
        assertThat(tags()).contains(operation.at("/tags/0").stringValue());
        assertThat(operation.path("responses").propertyNames()).anyMatch(status -> status.startsWith("4")).contains("default");
    }

    @Test
    void operationsHaveIdsOfTheirOwn() {
        assertThat(DOCUMENT.path("paths").findValuesAsString("operationId")).doesNotHaveDuplicates();
    }

    @Test
    void everyTagIsDescribedAndUsed() {
        assertThat(DOCUMENT.path("tags")).allSatisfy(tag -> assertThat(tag.path("description").stringValue("")).isNotBlank());
        Set<String> used = new TreeSet<>();
        DOCUMENT.path("paths").forEach(path -> path.forEach(operation -> used.add(operation.at("/tags/0").stringValue())));

        assertThat(tags()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(used);
    }

    @Test
    void pathsAreOfOneForm() {
        Map<String, String> forms = new TreeMap<>();
        for (String path : DOCUMENT.path("paths").propertyNames()) {
            assertThat(path).startsWith("/").doesNotContain("?", "//").doesNotEndWith("/");
            Stream.of(path.substring(1).split("[/:]", -1)).filter(step -> !step.startsWith("{"))
                    .forEach(step -> assertThat(step).as(path).matches(KEBAB_CASE));
            assertThat(forms.put(path.replaceAll("\\{\\w+}", "{}"), path)).as("a path that can't be told from %s", path).isNull();
        }
    }

    @Test
    void everyParameterIsDescribedWhereItCanBe() {
        List<JsonNode> parameters = new ArrayList<>();
        everywhere((place, node) -> {
            if (node.has("in") && node.has("name") && node.has("schema")) {
                parameters.add(node);
            }
        });

        assertThat(parameters).hasSizeGreaterThan(20).allSatisfy(parameter -> {
            String in = parameter.path("in").stringValue();
            String name = parameter.path("name").stringValue();
            if (!in.equals("query")) {
                assertThat(parameter.path("required").booleanValue(false)).as("%s in the %s", name, in).isEqualTo(in.equals("path"));
            }
            if (!in.equals("header")) {
                assertThat(name).matches(CAMEL_CASE);
            }
        });
    }

    @Test
    void everyOperationSaysWhoMayComeIn() {
        Set<String> schemes = new TreeSet<>(DOCUMENT.at("/components/securitySchemes").propertyNames());
        Set<String> used = new TreeSet<>();
        everywhere((place, node) -> node.path("security").forEach(way -> used.addAll(way.propertyNames())));

        assertThat(DOCUMENT.path("security")).as("of those that say nothing themselves").isNotEmpty();
        assertThat(used).isEqualTo(schemes);
    }

    @Test
    void everyComponentIsUsed() {
        Set<String> references = new TreeSet<>(DOCUMENT.findValuesAsString("$ref"));

        DOCUMENT.path("components").forEachEntry((kind, components) -> {
            if (!kind.equals("securitySchemes")) {
                components.propertyNames().forEach(name -> {
                    assertThat(references).contains("#/components/" + kind + '/' + name);
                    assertThat(name).matches(PASCAL_CASE);
                });
            }
        });
    }

    @Test
    void fieldsAreNamedAlike() {
        everywhere((place, node) -> {
            if (node.path("properties").isObject() && !place.contains("/example")) {
                assertThat(node.path("properties").propertyNames()).as(place)
                        .allMatch(name -> CAMEL_CASE.matcher(name).matches() || NAMES_OF_OTHERS.contains(name));
            }
        });
    }

    @Test
    void objectsRequireFieldsThatThereAre() {
        everywhere((place, node) -> {
            if (node.path("properties").isObject() && node.path("type").stringValue("").equals("object")) {
                node.path("required")
                        .forEach(name -> assertThat(node.path("properties").propertyNames()).as(place).contains(name.stringValue()));
            }
        });
    }

    @Test
    void everyBodyHasAnExample() {
        everywhere((place, node) -> node.path("content").forEachEntry((type, content) -> {
            if (type.endsWith("json") && !place.endsWith("/responses/Problem")) {
                assertThat(content.has("example") || content.has("examples")).as("%s %s", place, type).isTrue();
            }
        }));
    }

    /** Whoever is counted is told how it stands, whatever the answer. */
    @Test
    void everyAnswerOfALimitedOperationTellsOfLimits() {
        DOCUMENT.path("paths").forEachEntry((path, item) -> {
            if (path.startsWith("/v1/")) {
                item.forEach(operation -> operation.path("responses").forEachEntry((status, response) -> {
                    JsonNode resolved = response.has("$ref") ? DOCUMENT.at(response.path("$ref").stringValue().substring(1)) : response;
                    assertThat(resolved.path("headers").propertyNames()).as("%s %s", path, status).contains("RateLimit",
                            "RateLimit-Policy");
                }));
            }
        });
    }

    private static List<String> tags() {
        return DOCUMENT.path("tags").findValuesAsString("name");
    }

    private static void everywhere(BiConsumer<String, JsonNode> look) {
        everywhere("", DOCUMENT, look);
    }

    private static void everywhere(String place, JsonNode node, BiConsumer<String, JsonNode> look) {
        if (node.isObject()) {
            look.accept(place, node);
        }
        node.forEachEntry((name, child) -> everywhere(place + '/' + name, child, look));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            everywhere(place + '/' + i, node.get(i), look);
        }
    }
}
