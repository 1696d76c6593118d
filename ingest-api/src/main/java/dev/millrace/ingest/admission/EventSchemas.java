package dev.millrace.ingest.admission;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.Pointers;
import dev.millrace.ingest.problem.InputError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON Schemas of the event types, compiled once, and their verdicts in our words. */
final class EventSchemas {
    private static final String DIALECT = SpecificationVersion.DRAFT_2020_12.getDialectId();
    private static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final Map<String, Schema> schemas = new LinkedHashMap<>();

    /**
     * @param texts type name to schema
     * @throws IllegalStateException if one is no schema; the message says which and why
     */
    EventSchemas(Map<String, String> texts) {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemaRegistryConfig(SchemaRegistryConfig.builder().locale(Locale.ENGLISH).build()));
        Schema schemaOfSchemas = registry.getSchema(SchemaLocation.of(DIALECT));
        texts.forEach((type, text) -> schemas.put(type, compile(type, text, registry, schemaOfSchemas)));
    }

    private static Schema compile(String type, String text, SchemaRegistry registry, Schema schemaOfSchemas) {
        JsonNode node;
        try {
            node = JSON.readTree(text);
        } catch (JacksonException e) {
            throw broken(type, e.getOriginalMessage());
        }
        if (!node.path("$schema").stringValue(DIALECT).equals(DIALECT)) {
            throw broken(type, "$schema must be " + DIALECT);
        }
        List<Error> errors = schemaOfSchemas.validate(node);
        if (!errors.isEmpty()) {
            Error first = errors.getFirst();
            throw broken(type, "at " + Pointers.ROOT + first.getInstanceLocation() + ' ' + first.getMessage());
        }
        try {
            Schema schema = registry.getSchema(node);
            schema.initializeValidators();
            return schema;
        } catch (RuntimeException e) {
            throw broken(type, String.valueOf(e.getMessage()));
        }
    }

    private static IllegalStateException broken(String type, String why) {
        return new IllegalStateException("the schema of event type " + type + " is no JSON Schema of draft 2020-12: "
                + why.lines().findFirst().orElse("it is empty"));
    }

    /** The types that there are. */
    Set<String> types() {
        return schemas.keySet();
    }

    /**
     * What is wrong with the data of an event; nothing if empty.
     *
     * @param type one of {@link #types()}
     * @param place from a place in the data, such as {@code /value}, to the one in the body that the caller wrote, such as
     *     {@code #/data/value}
     */
    List<InputError> check(String type, JsonNode data, UnaryOperator<String> place) {
        Schema schema = schemas.get(type);
        if (schema == null) {
            throw new IllegalArgumentException("no schema of " + type);
        }
        List<Error> errors = schema.validate(data);
        return errors.isEmpty() ? List.of() : errors.stream().limit(Fields.MAX_ERRORS).map(error -> inOurWords(error, place)).toList();
    }

    private static InputError inOurWords(Error error, UnaryOperator<String> place) {
        String path = Pointers.path(error.getInstanceLocation().toString());
        return switch (error.getKeyword()) {
            case "required" -> InputError.at(place.apply(Pointers.member(path, error.getProperty())), "is required");
            case "additionalProperties" -> InputError.at(place.apply(Pointers.member(path, error.getProperty())), "is not a known field");
            case "type" -> InputError.at(place.apply(path), "must be of type " + error.getArguments()[1]);
            default -> InputError.at(place.apply(path), error.getMessage());
        };
    }
}
