package dev.millrace.ingest.contract;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Bodies that differ from an example in one place, derived from its schema: a member left out, one too many, or another value, on and just past
 * every bound that the schema names and from a list that every member is tried with.
 */
final class Mutants {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<JsonNode> POOL = pool();

    private final ApiDocument document;
    private final JsonNode example;
    private final Map<String, JsonNode> mutants = new LinkedHashMap<>();

    private Mutants(ApiDocument document, JsonNode example) {
        this.document = document;
        this.example = example;
    }

    /**
     * The mutants of an example, whether or not they still fit, by what was changed in them.
     *
     * @param schema the place of the schema that the example fits
     */
    static Map<String, JsonNode> of(ApiDocument document, String schema, JsonNode example) {
        Mutants mutants = new Mutants(document, example);
        mutants.vary(schema, "", example);
        return mutants.mutants;
    }

    private void vary(String schema, String at, JsonNode value) {
        String place = document.resolved(schema);
        JsonNode node = document.at(place);
        for (String word : List.of("allOf", "anyOf", "oneOf")) {
            for (int i = 0; i < node.path(word).size(); i++) {
                String branch = place + '/' + word + '/' + i;
                if (document.check(branch, value).isEmpty()) {
                    vary(branch, at, value);
                }
            }
        }
        for (JsonNode other : values(place)) {
            put(at, other);
        }
        if (value instanceof ObjectNode object && node.has("properties")) {
            varyMembers(place, at, object);
        }
        if (value instanceof ArrayNode items && node.has("items") && !items.isEmpty()) {
            vary(place + "/items", at + "/0", items.get(0));
        }
    }

    private void varyMembers(String place, String at, ObjectNode object) {
        edit(at, "with another member", body -> body.put("somethingElse", 1));
        edit(at, "with a member named in capitals", body -> body.put("NAME", "x"));
        for (String name : object.propertyNames()) {
            edit(at, "without " + name, body -> body.remove(name));
        }
        document.at(place).path("properties").forEachEntry((name, _) -> {
            String member = place + ApiDocument.pointer("properties", name);
            if (object.has(name)) {
                vary(member, at + ApiDocument.pointer(name), object.path(name));
            } else {
                values(member).forEach(value -> edit(at, "with " + name + " = " + brief(value), body -> body.set(name, value)));
            }
        });
    }

    /** Values to try where a schema stands: those of the list, and those at its own bounds. */
    private List<JsonNode> values(String schema) {
        List<JsonNode> values = new ArrayList<>(POOL);
        addBounds(schema, values);
        return values;
    }

    private void addBounds(String schema, List<JsonNode> values) {
        String place = document.resolved(schema);
        JsonNode node = document.at(place);
        for (int i = 0; i < node.path("allOf").size(); i++) {
            addBounds(place + "/allOf/" + i, values);
        }
        for (String bound : List.of("minimum", "maximum")) {
            if (node.has(bound)) {
                long number = node.path(bound).longValue();
                Stream.of(number - 1, number, number + 1).map(NODES::numberNode).forEach(values::add);
            }
        }
        for (String bound : List.of("minLength", "maxLength")) {
            if (node.has(bound)) {
                int length = node.path(bound).intValue();
                Stream.of(length - 1, length, length + 1).filter(n -> n >= 0).map(n -> text("a".repeat(n))).forEach(values::add);
                values.add(text("\uD83D\uDE00".repeat(length)));
            }
        }
        node.path("enum").forEach(values::add);
    }

    private void put(String at, JsonNode value) {
        if (!at.isEmpty()) {
            int last = at.lastIndexOf('/');
            String step = at.substring(last + 1).replace("~1", "/").replace("~0", "~");
            JsonNode body = example.deepCopy();
            JsonNode parent = body.at(at.substring(0, last));
            if (parent instanceof ObjectNode object) {
                object.set(step, value);
            } else if (parent instanceof ArrayNode array) {
                array.set(Integer.parseInt(step), value);
            }
            mutants.put(at + " = " + brief(value), body);
        }
    }

    private void edit(String at, String how, Consumer<ObjectNode> change) {
        JsonNode body = example.deepCopy();
        if (body.at(at) instanceof ObjectNode object) {
            change.accept(object);
            mutants.put((at + ' ' + how).strip(), body);
        }
    }

    private static String brief(JsonNode value) {
        String text = value.toString();
        return text.length() <= 40 ? text : text.substring(0, 30) + "… (" + text.length() + ')';
    }

    private static JsonNode text(String text) {
        return NODES.stringNode(text);
    }

    private static List<JsonNode> pool() {
        List<JsonNode> values = new ArrayList<>();
        Stream.of("", " ", "a", "a b", "A-z_0.9~:@", "a/b", "é", "a\tb", "a\u0085b", "1.0", "true", "a".repeat(64), "a".repeat(65),
                "2030-01-01T00:00:00Z", "2030-01-01T00:00:00.5+02:00", "2030-01-01T00:00Z", "2030-01-01", "2030-02-30T00:00:00Z", "PT1S",
                "P1DT2H3M4.5S", "P", "PT", "P1Y", "-PT1S", "/a", "a:b:c", "%", "\\").map(Mutants::text).forEach(values::add);
        Stream.of(0, 1, -1).map(NODES::numberNode).forEach(values::add);
        JsonMapper json = JsonMapper.builder().build();
        Stream.of("1.5", "true", "false", "null", "[]", "{}", "[1]", "[\"a\",\"a\"]", "[\"boards:read\"]",
                "[\"boards:read\",\"boards:read\"]", "{\"a\":1}").map(json::readTree)
                .forEach(values::add);
        return List.copyOf(values);
    }
}
