package dev.millrace.ingest.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.contract.ApiDocument.Described;
import dev.millrace.ingest.contract.Scenes.Scene;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Requests that are to be refused: those that every operation can be asked with, and those that take a history of their own. */
final class Refusals {
    private static final String JSON = "application/json";
    private static final String USER = "by a user";
    /** More than one event may have. */
    private static final String LARGE = "{\"data\":\"" + "a".repeat(70_000) + "\"}";

    private final Stage stage;
    private final RunningApi api;
    private final Scenes scenes;
    private final Map<String, Map<String, String>> strangers = new LinkedHashMap<>();

    /**
     * A request that goes wrong.
     *
     * @param how in what way, for people
     * @param expected holds the status of its answer to what it must be
     */
    record Attempt(String how, HttpRequest request, Consumer<Integer> expected) {}

    Refusals(Stage stage, Scenes scenes) {
        this.stage = stage;
        this.api = stage.api();
        this.scenes = scenes;
        strangers.put("by a key that is none", Map.of("X-Api-Key", "mistyped"));
        strangers.put("by a key without the scope", Map.of("X-Api-Key", client("keeper", "standard", "\"admin\"")));
        strangers.put("by a reader's key", Map.of("X-Api-Key", client("reader", "standard", "\"boards:read\"")));
        strangers.put("by another client",
                Map.of("X-Api-Key", client("rival", "standard", "\"events:write\",\"boards:read\",\"dead-letters:manage\",\"admin\"")));
        String narrow = client("narrow", Stage.NARROW, "\"events:write\",\"boards:read\",\"dead-letters:manage\",\"admin\"");
        api.getAs(narrow, "/v1/boards/main/top");
        strangers.put("over a limit", Map.of("X-Api-Key", narrow));
        strangers.put("by the administrator", Map.of("X-Api-Key", RunningApi.ADMIN_KEY));
        // Whose password is not that of the examples, or these would change it, or delete the account.
        String session = scenes.login("stranger", "another horse, another staple").json().path("session").stringValue();
        strangers.put(USER, Map.of("Authorization", "Bearer " + session));
        strangers.put("by a cookie without proof", Map.of("Cookie", "__Host-millrace=" + session));
    }

    /** What can go wrong with any operation of that kind. */
    List<Attempt> of(Described operation, @Nullable String body) {
        List<Attempt> attempts = new ArrayList<>();
        Scene scene = scenes.of(operation.id());
        attempts.add(new Attempt("by nobody", scene.as(Map.of()).request(api, operation, "", JSON, body),
                isOpen(operation) ? Refusals::answered : is(401)));
        strangers.forEach((who, credentials) -> {
            // Who may log out would be nobody from then on.
            if (!operation.id().equals("logout") || !who.equals(USER)) {
                attempts.add(new Attempt(who, scene.as(credentials).request(api, operation, "", JSON, body), Refusals::answered));
            }
        });
        for (String variable : scene.variables().keySet()) {
            for (String value : List.of("no-such-thing", "x%20y")) {
                Scene elsewhere = scene.with(variable, value);
                attempts.add(new Attempt("of " + value, elsewhere.request(api, operation, "", JSON, body), Refusals::answered));
                attempts.add(new Attempt("of " + value + " by the administrator", elsewhere.as(Map.of("X-Api-Key", RunningApi.ADMIN_KEY))
                        .request(api, operation, "", JSON, body), Refusals::answered));
            }
        }
        // Files of the page are what they are.
        boolean negotiates = operation.node().at("/responses/200/content").size() == 1 || operation.path().startsWith("/v1/");
        attempts.add(new Attempt("for another media type",
                scenes.of(operation.id()).request(api, operation, "", JSON, body, "Accept", "application/x-nothing"),
                negotiates ? is(406) : Refusals::answered));
        attempts.add(new Attempt("with a parameter that there is not",
                scenes.of(operation.id()).request(api, operation, "?no-such-thing=1", JSON, body), is(422)));
        if (body != null) {
            ofBody(operation, scenes.of(operation.id()), attempts);
        }
        return attempts;
    }

    private void ofBody(Described operation, Scene scene, List<Attempt> attempts) {
        attempts.add(new Attempt("as text", scene.request(api, operation, "", "text/plain", "{}"), is(415)));
        attempts.add(new Attempt("broken off", scene.request(api, operation, "", JSON, "{\"a"), is(400)));
        attempts.add(
                new Attempt("with a field that there is not", scene.request(api, operation, "", JSON, "{\"noSuchThing\":1}"), is(422)));
        attempts.add(new Attempt("too large", scene.request(api, operation, "", JSON, LARGE), is(413)));
    }

    /** Provokes what takes two requests or more, and says which operation answered with which status. */
    List<String> conflicts() {
        List<String> answered = new ArrayList<>();
        answered.add(note("createClient", post("/v1/clients", RunningApi.ADMIN_KEY, "{\"id\":\"acme\",\"name\":\"Acme\"}")));
        String key = client("short-of-keys", "standard", "\"admin\"");
        String path = "/v1/clients/short-of-keys/keys";
        String id = api.getAs(key, path).json().at("/items/0/id").stringValue();
        answered.add(note("revokeKey", api.deleteAs(key, path + '/' + id)));
        assertThat(api.postAs(key, path + ":rotate").status()).isEqualTo(201);
        answered.add(note("rotateKey", api.postAs(key, path + ":rotate")));
        answered.add(note("cancelEvent", api.delete("/v1/events/" + scenes.post("order.paid", "order-1", ""))));

        String ada = "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + Scenes.PASSWORD + "\"}";
        answered.add(note("register", post("/v1/auth/register", RunningApi.ADMIN_KEY, ada)));
        answered.add(note("login", post("/v1/auth/login", null, ada.replace("staple", "stable"))));
        stage.delay(stage.failuresOfAda());
        answered.add(note("login", post("/v1/auth/login", null, ada)));
        assertThat(api.send(api.request("/v1/clients/acme", RunningApi.ADMIN_KEY).header("Content-Type", JSON)
                .method("PATCH", BodyPublishers.ofString("{\"registration\":\"open\"}")).build()).status()).isEqualTo(200);
        String passwords = "{\"currentPassword\":\"" + Scenes.PASSWORD + "\",\"newPassword\":\"" + Scenes.PASSWORD + "\"}";
        String session = scenes.login().json().path("session").stringValue();
        stage.delay(stage.failuresOfAddress());
        answered.add(note("changePassword", postAsUser("/v1/auth/password", session, passwords)));
        answered.add(note("deleteAccount",
                postAsUser("/v1/auth/account:delete", session, "{\"password\":\"" + Scenes.PASSWORD + "\"}")));
        answered.add(note("register", post("/v1/auth/register", null, ada)));
        stage.forgive();
        return answered;
    }

    private static String note(String operation, Answer answer) {
        Contract.check(answer.response());
        return operation + ' ' + answer.status();
    }

    /** Whether one may come in without credentials. */
    private static boolean isOpen(Described operation) {
        JsonNode security = operation.node().path("security");
        return security.isArray() && (security.isEmpty() || security.valueStream().anyMatch(JsonNode::isEmpty));
    }

    private static Consumer<Integer> is(int status) {
        return answered -> assertThat(answered).isEqualTo(status);
    }

    private static void answered(int status) {
        // 503 is for the events of users: who they belong to is in books that there are none of here.
        assertThat(status).isIn(Set.of(200, 201, 202, 204, 304, 400, 401, 403, 404, 406, 409, 422, 429, 503));
    }

    private String client(String id, String tier, String scopes) {
        return post("/v1/clients", RunningApi.ADMIN_KEY,
                "{\"id\":\"" + id + "\",\"name\":\"N\",\"tier\":\"" + tier + "\",\"scopes\":[" + scopes + "]}").json().path("apiKey")
                .stringValue();
    }

    private Answer postAsUser(String path, String session, String body) {
        return api.send(api.request(path, null).header("Authorization", "Bearer " + session).header("Content-Type", JSON)
                .POST(BodyPublishers.ofString(body)).build());
    }

    private Answer post(String path, @Nullable String key, String body) {
        return api.send(api.request(path, key).header("Content-Type", JSON).POST(BodyPublishers.ofString(body)).build());
    }
}
