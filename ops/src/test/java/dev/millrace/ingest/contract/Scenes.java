package dev.millrace.ingest.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.contract.ApiDocument.Described;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How each operation of the document is called so that it succeeds: by whom, and on what. Each call is set up anew. */
final class Scenes {
    static final String PASSWORD = "correct horse battery staple";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Stage stage;
    private final RunningApi api;
    private final Map<String, Supplier<Scene>> scenes = new HashMap<>();
    private int number;

    /**
     * What a call needs besides its body.
     *
     * @param variables parameters of the path by name
     * @param headers credentials, if any
     */
    record Scene(Map<String, String> variables, Map<String, String> headers) {
        private String path(String template) {
            String path = template;
            for (Map.Entry<String, String> variable : variables.entrySet()) {
                path = path.replace('{' + variable.getKey() + '}', variable.getValue());
            }
            return path;
        }

        /** The same as someone else, or as nobody. */
        Scene as(Map<String, String> credentials) {
            return new Scene(variables, credentials);
        }

        /** The same of something else. */
        Scene with(String variable, String value) {
            Map<String, String> others = new HashMap<>(variables);
            others.put(variable, value);
            return new Scene(others, headers);
        }

        /**
         * A request for an operation.
         *
         * @param query from the question mark on, or empty
         * @param type of the body, if there is one
         * @param more names and values in turn
         */
        HttpRequest request(RunningApi api, Described operation, String query, @Nullable String type, @Nullable String body,
                String... more) {
            String whole = path(operation.path()) + withRequired(operation, query);
            HttpRequest.Builder request = api.request(whole, null).method(operation.asked(),
                    body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
            if (body != null) {
                request.header("Content-Type", type);
            }
            headers.forEach(request::header);
            return more.length == 0 ? request.build() : request.headers(more).build();
        }
    }

    /** A query, and besides whatever else it must have. */
    private static String withRequired(Described operation, String query) {
        StringBuilder whole = new StringBuilder(query);
        for (String place : ApiDocument.SERVED.parameters(operation)) {
            JsonNode parameter = ApiDocument.SERVED.at(place);
            String name = parameter.path("name").stringValue();
            if (parameter.path("in").stringValue().equals("query") && parameter.path("required").booleanValue(false)
                    && !query.contains('?' + name + '=')) {
                whole.append(whole.isEmpty() ? '?' : '&').append(name).append('=').append(text(parameter.path("example")));
            }
        }
        return whole.toString();
    }

    /** An example as it stands in a query. */
    static String text(JsonNode example) {
        return example.isArray() ? example.valueStream().map(JsonNode::asString).collect(Collectors.joining(",")) : example.asString();
    }

    Scenes(Stage stage) {
        this.stage = stage;
        this.api = stage.api();
        clients();
        users();
        events();
        operators();
        readers();
    }

    /** The scene of an operation, set up. */
    Scene of(String operationId) {
        Supplier<Scene> scene = scenes.get(operationId);
        assertThat(scene).as("how to call %s, which this class must say of every operation", operationId).isNotNull();
        return scene.get();
    }

    private void clients() {
        scenes.put("createClient", () -> administrator(Map.of()));
        scenes.put("getClient", () -> producer(Map.of("id", "acme")));
        scenes.put("updateClient", () -> administrator(Map.of("id", client())));
        scenes.put("listKeys", () -> administrator(Map.of("id", "acme")));
        scenes.put("rotateKey", () -> administrator(Map.of("id", client())));
        scenes.put("revokeKey", () -> {
            String client = client();
            return administrator(Map.of("id", client, "keyId", keyOf(client)));
        });
    }

    private void users() {
        scenes.put("register", () -> administrator(Map.of()));
        scenes.put("login", () -> {
            register("ada", PASSWORD);
            stage.forgive();
            return anyone();
        });
        for (String operation : new String[]{"refresh", "getSession", "listSessions", "logout"}) {
            scenes.put(operation, () -> user(login().json().path("session").stringValue(), Map.of()));
        }
        scenes.put("endSession", () -> {
            String secret = login().json().path("session").stringValue();
            String id = api.send(api.request("/v1/auth/session", null).header("Authorization", "Bearer " + secret).build()).json()
                    .path("sessionId").stringValue();
            return user(secret, Map.of("id", id));
        });
        for (String operation : new String[]{"changePassword", "deleteAccount"}) {
            scenes.put(operation, () -> user(login("user-" + ++number, PASSWORD).json().path("session").stringValue(), Map.of()));
        }
        scenes.put("deleteUser", () -> {
            String user = "user-" + ++number;
            register(user, PASSWORD);
            return administrator(Map.of("id", "acme", "user", user));
        });
    }

    private void events() {
        scenes.put("postEvent", () -> producer(Map.of()));
        scenes.put("postScore", () -> producer(Map.of()));
        scenes.put("getEvent", () -> producer(Map.of("id", post("order.paid", "order-" + ++number, ""))));
        scenes.put("cancelEvent", () -> producer(Map.of("id", scheduled())));
        scenes.put("postJob", () -> producer(Map.of("queue", "email")));
        scenes.put("getJob", () -> producer(Map.of("queue", "email", "id", post("job.email", "order-" + ++number, ""))));
        scenes.put("listEventTypes", () -> producer(Map.of()));
        scenes.put("getEventType", () -> producer(Map.of("type", "order.paid.v2")));
    }

    private void operators() {
        for (String operation : new String[]{"getLane", "pauseLane", "resumeLane"}) {
            scenes.put(operation, () -> producer(Map.of("lane", "order-4711")));
        }
        scenes.put("listDeadLetters", () -> producer(Map.of()));
        scenes.put("redriveDeadLetters", () -> producer(Map.of()));
        for (String operation : new String[]{"getDeadLetter", "redriveDeadLetter", "discardDeadLetter"}) {
            scenes.put(operation, () -> producer(Map.of("id", dead())));
        }
        scenes.put("getPartitions", () -> administrator(Map.of()));
        scenes.put("getAudit", () -> producer(Map.of()));
        scenes.put("getBlocked", () -> producer(Map.of()));
        scenes.put("getRequests", () -> producer(Map.of()));
    }

    private void readers() {
        scenes.put("getTop", () -> producer(Map.of("board", "main")));
        scenes.put("streamBoard", () -> producer(Map.of("board", "main")));
        for (String operation : new String[]{"getRank", "getAround", "getPlayer"}) {
            scenes.put(operation, () -> producer(Map.of("board", "main", "player", ranked())));
        }
        for (String operation : new String[]{"getPlayers", "getFriends"}) {
            scenes.put(operation, () -> {
                ranked();
                return producer(Map.of("board", "main"));
            });
        }
        for (String operation : new String[]{"getLiveness", "getReadiness", "getHealth", "getOpenApi", "getDocs"}) {
            scenes.put(operation, Scenes::anyone);
        }
        scenes.put("getDocsFile", () -> new Scene(Map.of("file", "start.js"), Map.of()));
    }

    private static Scene anyone() {
        return new Scene(Map.of(), Map.of());
    }

    private static Scene administrator(Map<String, String> variables) {
        return new Scene(variables, Map.of("X-Api-Key", RunningApi.ADMIN_KEY));
    }

    private Scene producer(Map<String, String> variables) {
        return new Scene(variables, Map.of("X-Api-Key", api.key()));
    }

    private static Scene user(String secret, Map<String, String> variables) {
        return new Scene(variables, Map.of("Authorization", "Bearer " + secret));
    }

    /** A client that nobody has touched yet. */
    private String client() {
        String id = "client-" + ++number;
        api.createClient(id);
        return id;
    }

    private String keyOf(String client) {
        return api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/" + client + "/keys").json().at("/items/0/id").stringValue();
    }

    /** Registers a user of acme unless there is such a one. */
    private void register(String user, String password) {
        Answer answer = api.send(api.request("/v1/auth/register", RunningApi.ADMIN_KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"client\":\"acme\",\"user\":\"" + user + "\",\"password\":\"" + password + "\",\"name\":\"Ada\"}"))
                .build());
        assertThat(answer.status()).isIn(201, 409);
    }

    /** Logs ada of acme in. */
    Answer login() {
        return login("ada", PASSWORD);
    }

    /** Logs a user of acme in, who is registered first unless there is such a one. */
    Answer login(String user, String password) {
        register(user, password);
        stage.forgive();
        Answer answer = api.send(api.request("/v1/auth/login", null).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"client\":\"acme\",\"user\":\"" + user + "\",\"password\":\"" + password + "\"}"))
                .build());
        assertThat(answer.status()).isEqualTo(200);
        return answer;
    }

    /** Posts an event with data that fits every type of the tests. */
    String post(String type, String lane, String more) {
        Answer answer = api.post("/v1/events", "{\"type\":\"" + type + "\",\"lane\":\"" + lane
                + "\",\"data\":{\"to\":\"a@example.org\",\"text\":\"Hello\"}" + more + '}');
        assertThat(answer.status()).isEqualTo(202);
        return answer.json().path("id").stringValue();
    }

    String scheduled() {
        return post("order.paid", "order-4711", ",\"delay\":\"PT1H\"");
    }

    /** An event that has died. */
    String dead() {
        String id = post("order.paid", Stage.DEADLY, "");
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + id).status() == 200);
        return id;
    }

    /** A player who has reached the board. */
    private String ranked() {
        assertThat(api.post("/v1/scores", "{\"player\":\"alice\",\"set\":15}").status()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> api.get("/v1/boards/main/rank/alice").status() == 200);
        return "alice";
    }
}
