package dev.millrace.ingest.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.contract.ApiDocument.Described;
import dev.millrace.ingest.contract.Scenes.Scene;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The API and its OpenAPI document say the same: every example is sent, every refusal that the document names is provoked, what its schemas
 * allow and forbid is tried out, and every answer to all that is held to it.
 */
@RealRedis
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ContractTest {
    private static final ApiDocument DOCUMENT = ApiDocument.SERVED;
    private static final String JSON = "application/json";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** What a schema can't say, and callers are told in words: of values that fit, these are refused all the same. */
    private static final Set<String> BEYOND_SCHEMAS = Set.of("unknown-event-type", "key-reused", "forbidden", "not-found", "user-exists",
            "client-exists", "invalid-credentials", "too-many-attempts", "two-live-keys", "lane-full", "too-large");

    /**
     * Members that are missing, or there, only where a stream of events ends with a problem, an event is damaged, a partition is nobody's, Redis
     * is away, an address is over a limit or a provider lets users in; which other tests see to.
     */
    private static final Set<String> RARER = Set.of(schema("BulkAnswer", "problem"), schema("Problem", "outcome"),
            schema("Who", "sessionId"),
            schema("DeadLetter", "client"),
            schema("DeadLetter", "type"), schema("DeadLetter", "lane"), schema("BulkRedriven", "items/items/properties/lane"),
            schema("LaneStatus", "owner"), schema("LaneStatus", "epoch"), schema("LaneStatus", "headNote"), schema("Partition", "owner"),
            schema("Partition", "epoch"), schema("Blocked", "items/items/properties/client"),
            schema("Blocked", "items/items/properties/user"), schema("AuditEntry", "client"), schema("AuditEntry", "lane"));

    private static Stage stage;
    private static RunningApi api;
    private static Scenes scenes;
    private static final Set<String> ANSWERED = new TreeSet<>();
    private static final Shapes SHAPES = new Shapes(DOCUMENT);

    @BeforeAll
    static void start(RedisSpace space, @TempDir Path folder) throws IOException {
        space.clear();
        stage = Stage.start(space, folder);
        api = stage.api();
        scenes = new Scenes(stage);
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @Test
    @Order(1)
    void everyExampleIsTaken() {
        SoftAssertions all = new SoftAssertions();
        for (Described operation : DOCUMENT.operations()) {
            JsonNode body = operation.node().path("requestBody");
            if (!body.path("required").booleanValue(false)) {
                all.check(() -> takenWithoutBody(operation));
            }
            body.path("content").forEachEntry((type, content) -> examples(content).forEach((name, example) -> all.check(
                    () -> taken(operation, call(operation, scenes.of(operation.id()), "", type, text(example))))));
            all.check(() -> parametersAreTaken(operation));
        }
        all.assertThat(ANSWERED).containsAll(documented("[23]\\d\\d"));
        all.assertAll();
    }

    private static void takenWithoutBody(Described operation) {
        Scene scene = scenes.of(operation.id());
        Answer first = call(operation, scene, "", null, null);
        taken(operation, first);
        if (!first.header("ETag").isEmpty()) {
            // Scores of examples may still be on their way to the board.
            await().atMost(PATIENCE).until(() -> call(operation, scene, "", null, null, "If-None-Match",
                    call(operation, scene, "", null, null).header("ETag")).status() == 304);
        }
    }

    private static void parametersAreTaken(Described operation) {
        for (String place : DOCUMENT.parameters(operation)) {
            JsonNode parameter = DOCUMENT.at(place);
            JsonNode example = parameter.path("example");
            String name = parameter.path("name").stringValue();
            if (example.isMissingNode()) {
                continue;
            }
            switch (parameter.path("in").stringValue()) {
                case "query" -> taken(operation, call(operation, scenes.of(operation.id()), query(name, Scenes.text(example)), JSON,
                        firstExample(operation)));
                case "header" -> {
                    JsonNode body = operation.node().path("requestBody").path("content").path(JSON);
                    ObjectNode nameless = (ObjectNode) examples(body).values().iterator().next().deepCopy();
                    nameless.remove("id");
                    if (nameless.has("player")) {
                        // Keys are each lane's own.
                        nameless.put("player", operation.id());
                    }
                    taken(operation, call(operation, scenes.of(operation.id()), "", JSON, nameless.toString(), name, example.asString()));
                }
                default -> {
                }
            }
        }
    }

    @Test
    @Order(2)
    void everyDocumentedRefusalIsMet() throws IOException {
        SoftAssertions all = new SoftAssertions();
        Refusals refusals = new Refusals(stage, scenes);
        for (Described operation : DOCUMENT.operations()) {
            for (Refusals.Attempt attempt : refusals.of(operation, firstExample(operation))) {
                all.check(() -> {
                    Answer answer = send(operation, attempt.request());
                    assertThat(answer.status()).as("%s %s: %s", operation, attempt.how(), answer.problem()).satisfies(attempt.expected());
                });
            }
        }
        ANSWERED.addAll(refusals.conflicts());
        all.assertThat(ANSWERED).containsAll(documented("4\\d\\d"));
        all.assertAll();
    }

    @Test
    @Order(3)
    void bodiesAreTakenAndRefusedAsTheirSchemasSay() {
        List<String> faults = new ArrayList<>();
        int tried = 0;
        for (Described operation : DOCUMENT.operations()) {
            for (String type : operation.node().path("requestBody").path("content").propertyNames()) {
                String content = operation.place() + ApiDocument.pointer("requestBody", "content", type);
                if (!type.endsWith("json")) {
                    continue;
                }
                Map<String, JsonNode> mutants = new LinkedHashMap<>();
                examples(DOCUMENT.at(content)).forEach((name, example) -> Mutants.of(DOCUMENT, content + "/schema", example)
                        .forEach((how, body) -> mutants.put(name + ' ' + how, body)));
                Scene scene = scenes.of(operation.id());
                for (Map.Entry<String, JsonNode> mutant : mutants.entrySet()) {
                    tried++;
                    boolean fits = DOCUMENT.check(content + "/schema", mutant.getValue()).isEmpty();
                    if (fits && operation.id().equals("rotateKey")) {
                        scene = scenes.of(operation.id());
                    }
                    Answer answer = call(operation, scene, "", type, mutant.getValue().toString());
                    // What a cursor holds is nobody's business but ours.
                    if (fits ? !isTaken(answer) && !mutant.getKey().contains("cursor") : !isRefused(answer)) {
                        faults.add(operation + " " + type + " " + mutant.getKey() + (fits ? " fits" : " does not fit") + ", answered "
                                + answer.status() + ' ' + new String(answer.response().body(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(tried).isGreaterThan(500);
    }

    @Test
    @Order(4)
    void parametersAreTakenAndRefusedAsTheirSchemasSay() {
        List<String> faults = new ArrayList<>();
        for (Described operation : DOCUMENT.operations()) {
            for (String parameter : DOCUMENT.parameters(operation)) {
                if (DOCUMENT.at(parameter).path("in").stringValue().equals("query")) {
                    checkQuery(operation, parameter, faults);
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    private static void checkQuery(Described operation, String parameter, List<String> faults) {
        String name = DOCUMENT.at(parameter).path("name").stringValue();
        JsonNode schema = DOCUMENT.at(parameter + "/schema");
        Scene scene = scenes.of(operation.id());
        List<String> values = new ArrayList<>(List.of("", " ", "x", "a/b", "é", "0", "1", "-1", "1.5", "a".repeat(64), "a".repeat(65)));
        for (String bound : List.of("minimum", "maximum")) {
            if (schema.has(bound)) {
                values.add(Long.toString(schema.path(bound).longValue() - 1));
                values.add(Long.toString(schema.path(bound).longValue()));
                values.add(Long.toString(schema.path(bound).longValue() + 1));
            }
        }
        for (String value : values) {
            boolean fits = DOCUMENT.check(parameter + "/schema", typed(schema.path("type").stringValue(""), value)).isEmpty();
            Answer answer = call(operation, scene, query(name, value), JSON, firstExample(operation));
            boolean right = fits ? answer.status() != 422 || BEYOND_SCHEMAS.contains(answer.problem())
                    : answer.status() == 422 || answer.status() == 403;
            // What a cursor holds is nobody's business but ours.
            if (!right && !name.equals("cursor")) {
                faults.add(operation + " " + name + '=' + value + (fits ? " fits" : " does not fit") + ", answered " + answer.status());
            }
        }
    }

    @Test
    @Order(5)
    void whatNeedNotBeThereIsSometimesThereAndSometimesNot() {
        new Rarities(stage, scenes).all().forEach(request -> send(
                DOCUMENT.operation(request.method(), request.uri().getRawPath()).orElseThrow(), request));

        assertThat(SHAPES.constant()).isSubsetOf(RARER);
    }

    /** A parameter's value as its schema sees it. */
    private static JsonNode typed(String type, String value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (type.equals("integer") && value.matches("-?\\d+")) {
            return nodes.numberNode(Long.parseLong(value));
        }
        return type.equals("array") ? nodes.arrayNode().add(value) : nodes.stringNode(value);
    }

    private static String schema(String name, String member) {
        return "/components/schemas/" + name + "/properties/" + member;
    }

    private static boolean isTaken(Answer answer) {
        return answer.status() < 400 ? refusedItems(answer).allMatch(BEYOND_SCHEMAS::contains)
                : BEYOND_SCHEMAS.contains(answer.problem());
    }

    private static boolean isRefused(Answer answer) {
        return answer.status() == 400 || answer.status() == 422 || (answer.status() == 200 && refusedItems(answer).findAny().isPresent());
    }

    /** Of many events those that are wrong are refused one by one, with these problems. */
    private static Stream<String> refusedItems(Answer answer) {
        return !answer.header("Content-Type").equals(JSON) ? Stream.empty()
                : answer.json().path("items").valueStream().filter(item -> item.has("problem"))
                        .map(item -> item.at("/problem/type").stringValue("").replaceAll(".*/", ""));
    }

    private static void taken(Described operation, Answer answer) {
        assertThat(answer.status()).as("%s: %s", operation, new String(answer.response().body(), StandardCharsets.UTF_8))
                .isBetween(200, 299);
    }

    private static Answer call(Described operation, Scene scene, String query, @Nullable String type, @Nullable String body,
            String... headers) {
        return send(operation, scene.request(api, operation, query, type, body, headers));
    }

    private static Answer send(Described operation, HttpRequest request) {
        Answer answer = api.send(request);
        Contract.check(answer.response());
        ANSWERED.add(operation.id() + ' ' + answer.status());
        String content = Contract.place(request.method(), request.uri().getRawPath(), answer.status()) + "/content/";
        String type = answer.header("Content-Type");
        if (type.endsWith("json") && answer.response().body().length > 0) {
            SHAPES.note(content + type.replace("/", "~1") + "/schema", answer.json());
        }
        return answer;
    }

    /** Each operation with each status of a form that the document names for it. */
    private static Set<String> documented(String statuses) {
        Set<String> documented = new TreeSet<>();
        for (Described operation : DOCUMENT.operations()) {
            operation.node().path("responses").propertyNames().stream().filter(status -> status.matches(statuses))
                    .forEach(status -> documented.add(operation.id() + ' ' + status));
        }
        return documented;
    }

    private static @Nullable String firstExample(Described operation) {
        JsonNode content = operation.node().path("requestBody").path("content").path(JSON);
        return content.isMissingNode() ? null : text(examples(content).values().iterator().next());
    }

    /** The examples of a media type by their names; every one has some. */
    private static Map<String, JsonNode> examples(JsonNode content) {
        Map<String, JsonNode> examples = new LinkedHashMap<>();
        if (content.has("example")) {
            examples.put("example", content.path("example"));
        }
        content.path("examples").forEachEntry((name, example) -> examples.put(name, example.path("value")));
        assertThat(examples).isNotEmpty();
        return examples;
    }

    private static String text(JsonNode example) {
        return example.isString() ? example.stringValue() : example.toString();
    }

    private static String query(String name, String value) {
        return '?' + name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
