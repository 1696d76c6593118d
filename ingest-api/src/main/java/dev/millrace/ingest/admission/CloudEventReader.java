package dev.millrace.ingest.admission;

import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.JsonMediaTypes;
import dev.millrace.ingest.json.Pointers;
import dev.millrace.ingest.json.Rfc3339;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.TraceParent;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes events of CloudEvents 1.0: {@code source} and {@code id} together are the key, the extension {@code partitionkey} is the lane, {@code
 * traceparent} the place in a trace. The data must be JSON. Other attributes are checked for what the specification says of them, and not kept.
 */
public final class CloudEventReader {
    private static final String DATA = "data";
    private static final String DATA_BASE64 = "data_base64";
    private static final String CONTENT_TYPE = "datacontenttype";
    private static final String PARTITION_KEY = "partitionkey";
    private static final String HEADER = "ce-";
    private static final Set<String> NO_ATTRIBUTES = Set.of(DATA, DATA_BASE64);
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+");

    private final StrictJson json;
    private final EventReader events;

    public CloudEventReader(StrictJson json, EventReader events) {
        this.json = json;
        this.events = events;
    }

    /**
     * Reads an event of the JSON format.
     *
     * @throws ProblemException if that is no CloudEvent, or none that is taken
     */
    public Posted structured(Sender sender, ObjectNode event) {
        ObjectNode attributes = withoutUnset(event);
        Fields fields = new Fields(attributes);
        checkAttributes(attributes, fields);
        @Nullable JsonNode data = data(attributes, fields);
        fields.check();
        return moved(CloudEventReader::inStructure, data != null && attributes.has(DATA_BASE64),
                () -> events.event(sent(sender, attributes), translated(attributes, data)));
    }

    /**
     * Reads an event of the binary mode.
     *
     * @param headers attributes by their names, decoded; {@code datacontenttype} is the body's
     * @param body the data, JSON
     * @throws ProblemException if that is no CloudEvent, or none that is taken
     */
    public Posted binary(Sender sender, Map<String, String> headers, byte[] body) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        headers.forEach(event::put);
        for (String reserved : NO_ATTRIBUTES) {
            if (event.has(reserved)) {
                throw new ProblemException(ProblemType.INVALID_HEADER,
                        new InputError(InputError.Where.HEADER, HEADER + reserved, "is no attribute"));
            }
        }
        event.set(DATA, json.read(body));
        return moved(CloudEventReader::inHeaders, false, () -> structured(sender, event));
    }

    /** An attribute that is null is as good as none, says the JSON format. */
    private static ObjectNode withoutUnset(ObjectNode event) {
        ObjectNode attributes = JsonNodeFactory.instance.objectNode();
        event.forEachEntry((name, value) -> {
            if (!value.isNull() || NO_ATTRIBUTES.contains(name)) {
                attributes.set(name, value);
            }
        });
        return attributes;
    }

    private static void checkAttributes(ObjectNode attributes, Fields fields) {
        fields.required("specversion", "1.0"::equals, "must be 1.0");
        fields.required("id", text -> !text.isEmpty(), "must not be empty");
        fields.required("source", text -> uri(text).isPresent(), "must be a URI reference");
        fields.required("type", text -> !text.isEmpty(), "must not be empty");
        fields.optional(CONTENT_TYPE, JsonMediaTypes::isJson, "must be JSON: application/json or a type that ends with +json");
        fields.optional("dataschema", text -> uri(text).filter(URI::isAbsolute).isPresent(), "must be an absolute URI");
        fields.optional("subject", text -> !text.isEmpty(), "must not be empty");
        fields.optional("time", text -> Rfc3339.time(text).isPresent(), Rfc3339.FORM);
        fields.optional(TraceParent.NAME, _ -> true, "");
        fields.optionalName(PARTITION_KEY);
        attributes.forEachEntry((name, value) -> {
            if (!NO_ATTRIBUTES.contains(name)) {
                if (!NAME.matcher(name).matches()) {
                    fields.wrong(name, "is not the name of an attribute: lower-case letters and digits");
                } else if (!value.isString() && !value.isBoolean() && !value.isIntegralNumber()) {
                    fields.wrong(name, "must be a string, a boolean or an integer");
                }
            }
        });
    }

    private @Nullable JsonNode data(ObjectNode attributes, Fields fields) {
        if (!attributes.has(DATA_BASE64)) {
            return attributes.get(DATA);
        }
        if (attributes.has(DATA)) {
            fields.wrong(DATA_BASE64, "can't be given together with data");
            return null;
        }
        @Nullable String text = attributes.path(DATA_BASE64).stringValue(null);
        if (text == null) {
            fields.wrong(DATA_BASE64, "must be a string");
            return null;
        }
        try {
            return json.read(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            fields.wrong(DATA_BASE64, "must be Base64");
        } catch (ProblemException e) {
            fields.wrong(DATA_BASE64, "must hold JSON: " + e.problem().detail());
        }
        return null;
    }

    private static Sender sent(Sender sender, ObjectNode attributes) {
        @Nullable String trace = attributes.path(TraceParent.NAME).stringValue(null);
        Sender keyless = sender.under(null);
        return trace == null ? keyless : TraceParent.read(trace).map(keyless::at).orElse(keyless);
    }

    private static ObjectNode translated(ObjectNode attributes, @Nullable JsonNode data) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.set("type", attributes.path("type"));
        event.put("id", key(attributes.path("source").stringValue(), attributes.path("id").stringValue()));
        if (attributes.has(PARTITION_KEY)) {
            event.set("lane", attributes.path(PARTITION_KEY));
        }
        if (data != null) {
            event.set(DATA, data);
        }
        return event;
    }

    /** Source, a space, which no URI holds, and id; where that has not the form of keys, its digest. */
    static String key(String source, String id) {
        String key = source + ' ' + id;
        if (IdempotencyKey.valid(key)) {
            return key;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    private static Optional<URI> uri(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(new URI(text));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    @FunctionalInterface
    private interface Reading {
        Posted read();
    }

    /** Names the places that the producer wrote where a refusal names those that it was translated to. */
    private static Posted moved(UnaryOperator<InputError> place, boolean encoded, Reading reading) {
        try {
            return reading.read();
        } catch (ProblemException e) {
            List<InputError> errors = e.problem().errors();
            if (errors.isEmpty()) {
                throw e;
            }
            throw new ProblemException(Problem.of(e.problem().type(),
                    errors.stream().map(error -> encoded ? inBase64(error) : error).map(place).toList()));
        }
    }

    private static InputError inStructure(InputError error) {
        return error.name().equals("#/lane") ? InputError.at("#/" + PARTITION_KEY, error.detail()) : error;
    }

    private static InputError inBase64(InputError error) {
        String inside = "#/" + DATA;
        if (!error.name().startsWith(inside)) {
            return error;
        }
        String path = error.name().substring(inside.length());
        return InputError.at("#/" + DATA_BASE64, path.isEmpty() ? error.detail() : "holds " + path + ", which " + error.detail());
    }

    private static InputError inHeaders(InputError error) {
        String name = error.name();
        if (name.equals("#/" + DATA) || name.startsWith("#/" + DATA + '/')) {
            return InputError.at(Pointers.ROOT + name.substring(2 + DATA.length()), error.detail());
        }
        String header = name.equals("#/" + CONTENT_TYPE) ? "Content-Type" : HEADER + name.substring(2);
        return new InputError(InputError.Where.HEADER, header, error.detail());
    }
}
