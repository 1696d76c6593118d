package dev.millrace.schema.event;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The event types that come with Millrace and their JSON Schemas (draft 2020-12). */
public final class EventTypes {
    private static final List<String> BUILT_IN = List.of("score.set", "score.add", "score.best");

    private EventTypes() {}

    /** Type name to the text of the schema that its {@code data} must satisfy, in a fixed order. */
    public static Map<String, String> builtIn() {
        Map<String, String> schemas = new LinkedHashMap<>();
        for (String type : BUILT_IN) {
            schemas.put(type, read("types/" + type + ".json"));
        }
        return schemas;
    }

    private static String read(String resource) {
        try (InputStream in = EventTypes.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing from the jar: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
