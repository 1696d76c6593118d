package dev.millrace.ingest.contract;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Which members of objects were there, and which were missing, in values that fit schemas of the document. */
final class Shapes {
    private final ApiDocument document;
    private final Map<String, Set<Boolean>> seen = new TreeMap<>();

    Shapes(ApiDocument document) {
        this.document = document;
    }

    /** Takes down a value that fits the schema at a place. */
    void note(String schema, JsonNode value) {
        String place = document.resolved(schema);
        JsonNode node = document.at(place);
        for (int i = 0; i < node.path("allOf").size(); i++) {
            note(place + "/allOf/" + i, value);
        }
        if (value.isArray() && node.has("items")) {
            value.forEach(item -> note(place + "/items", item));
        }
        Set<String> required = required(node);
        node.path("properties").forEachEntry((name, _) -> {
            String member = place + ApiDocument.pointer("properties", name);
            if (!required.contains(name)) {
                seen.computeIfAbsent(member, _ -> new TreeSet<>()).add(value.has(name));
            }
            if (value.has(name)) {
                note(member, value.path(name));
            }
        });
    }

    /** Members that need not be there, of which some were always there and others never. */
    Set<String> constant() {
        return seen.entrySet().stream().filter(member -> member.getValue().size() == 1).map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> required(JsonNode schema) {
        Set<String> names = new TreeSet<>();
        schema.path("required").forEach(name -> names.add(name.stringValue()));
        return names;
    }
}
