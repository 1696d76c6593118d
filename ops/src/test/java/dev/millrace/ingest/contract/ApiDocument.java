package dev.millrace.ingest.contract;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The OpenAPI document as the API serves it. Places in it are JSON pointers. */
public final class ApiDocument {
    private static final String HOME = "https://millrace.dev/openapi.json";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch", "head", "options", "trace");

    public static final ApiDocument SERVED = new ApiDocument(read());

    private final JsonNode root;
    private final List<Described> operations = new ArrayList<>();
    private final SchemaRegistry open;
    private final SchemaRegistry closed;
    private final Map<String, Schema> compiled = new ConcurrentHashMap<>();

    ApiDocument(JsonNode root) {
        this.root = root;
        root.path("paths").forEachEntry((path, item) -> item.forEachEntry((method, operation) -> {
            if (METHODS.contains(method)) {
                operations.add(new Described(method.toUpperCase(Locale.ROOT), path, form(path), pointer("paths", path, method), operation));
            }
        }));
        this.open = registry(root);
        this.closed = registry(closed(root.deepCopy()));
    }

    /**
     * An operation that it describes.
     *
     * @param path with names in braces where parameters stand
     * @param form what paths of requests look like
     * @param place where it is described
     */
    public record Described(String method, String path, Pattern form, String place, JsonNode node) {
        public String id() {
            return node.path("operationId").stringValue("");
        }

        @Override
        public String toString() {
            return method + ' ' + path;
        }

        /** The method to ask with: an answer that does not end is asked for without its body. */
        public String asked() {
            return node.at("/responses/200/content").has("text/event-stream") ? "HEAD" : method;
        }

        private boolean takes(String requestMethod, String requestPath) {
            return method.equals(requestMethod.equals("HEAD") ? "GET" : requestMethod) && form.matcher(requestPath).matches();
        }

        private long parameters() {
            return path.chars().filter(c -> c == '{').count();
        }
    }

    /** The whole of it. */
    public JsonNode root() {
        return root;
    }

    public List<Described> operations() {
        return List.copyOf(operations);
    }

    /** What a request asks for; empty if the document has no such operation. */
    public Optional<Described> operation(String method, String rawPath) {
        return operations.stream().filter(operation -> operation.takes(method, rawPath))
                .min(Comparator.comparingLong(Described::parameters));
    }

    /** Where the parameters of an operation are. */
    public List<String> parameters(Described operation) {
        return IntStream.range(0, operation.node().path("parameters").size())
                .mapToObj(i -> resolved(operation.place() + "/parameters/" + i)).toList();
    }

    /** A place, or the one that what stands there refers to. */
    public String resolved(String place) {
        JsonNode reference = root.at(place).path("$ref");
        return reference.isMissingNode() ? place : resolved(reference.stringValue().substring(1));
    }

    /** What stands at a place, references followed. */
    public JsonNode at(String place) {
        return root.at(resolved(place));
    }

    /** What the schema at a place has against a value, as it stands: nothing if empty. */
    public List<Error> check(String schema, JsonNode value) {
        return compiled.computeIfAbsent("open " + schema, _ -> open.getSchema(SchemaLocation.of(HOME + '#' + schema))).validate(value);
    }

    /** The same with objects closed: no member is there that the document does not name. */
    public List<Error> checkClosed(String schema, JsonNode value) {
        return compiled.computeIfAbsent("closed " + schema, _ -> closed.getSchema(SchemaLocation.of(HOME + '#' + schema))).validate(value);
    }

    private static Pattern form(String path) {
        return Pattern.compile(Pattern.compile("\\{\\w+}").splitAsStream(path + ' ').map(literal -> Pattern.quote(literal.strip()))
                .collect(Collectors.joining("[^/]+")));
    }

    /** The pointer of steps from the root. */
    public static String pointer(String... steps) {
        StringBuilder pointer = new StringBuilder();
        for (String step : steps) {
            pointer.append('/').append(step.replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }

    private static SchemaRegistry registry(JsonNode document) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemas(Map.of(HOME, document.toString())).schemaRegistryConfig(
                        SchemaRegistryConfig.builder().locale(Locale.ENGLISH).formatAssertionsEnabled(true).build()));
    }

    private static JsonNode closed(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("properties").isObject() && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(ApiDocument::closed);
        return node;
    }

    private static JsonNode read() {
        try (InputStream in = ApiDocument.class.getResourceAsStream("/dev/millrace/ingest/http/openapi.yaml")) {
            // Through JSON, so that it holds what a reader of JSON would see.
            return JsonMapper.builder().build().readTree(YAMLMapper.builder().build().readTree(in).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
