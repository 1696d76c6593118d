package dev.millrace.ingest.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests whose answers have members that answers seldom have, or lack some that they mostly have. */
final class Rarities {
    private static final String JSON = "application/json";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Stage stage;
    private final RunningApi api;
    private final Scenes scenes;
    private final List<HttpRequest> requests = new ArrayList<>();

    Rarities(Stage stage, Scenes scenes) {
        this.stage = stage;
        this.api = stage.api();
        this.scenes = scenes;
    }

    /** All of them, in the order in which they are to be sent. */
    List<HttpRequest> all() {
        keys();
        users();
        events();
        lanes();
        return requests;
    }

    private void keys() {
        String key = client("keyless");
        String path = "/v1/clients/keyless/keys";
        requests.add(get(RunningApi.ADMIN_KEY, path));
        Answer first = api.getAs(RunningApi.ADMIN_KEY, path);
        assertThat(key).isNotEmpty();
        requests.add(api.request(path + '/' + first.json().at("/items/0/id").stringValue(), RunningApi.ADMIN_KEY).DELETE().build());
        requests.add(post(RunningApi.ADMIN_KEY, path + ":rotate", "{}"));
        requests.add(post(RunningApi.ADMIN_KEY, path + ":rotate", "{}"));
        requests.add(get(RunningApi.ADMIN_KEY, path));
    }

    private void users() {
        stage.forgive();
        scenes.login();
        requests.add(post(RunningApi.ADMIN_KEY, "/v1/auth/register",
                "{\"client\":\"acme\",\"user\":\"nameless\",\"password\":\"" + Scenes.PASSWORD + "\"}"));
        requests.add(post(null, "/v1/auth/login",
                "{\"client\":\"acme\",\"user\":\"nameless\",\"password\":\"" + Scenes.PASSWORD + "\"}"));
        HttpRequest byCookie = post(null, "/v1/auth/login",
                "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + Scenes.PASSWORD + "\",\"cookie\":true}");
        Answer login = api.send(byCookie);
        requests.add(byCookie);
        String cookie = login.header("Set-Cookie").replaceAll(";.*", "");
        requests.add(api.request("/v1/auth/session", null).header("Cookie", cookie).build());
    }

    private void events() {
        String completed = scenes.post("order.paid", "order-1", "");
        await().atMost(PATIENCE)
                .until(() -> api.get("/v1/events/" + completed).json().path("status").stringValue().equals("completed"));
        String failing = scenes.post("order.paid", Stage.FAILING, "");
        await().atMost(PATIENCE).until(() -> api.get("/v1/events/" + failing).json().path("status").stringValue().equals("retrying"));
        List.of(completed, failing, scenes.scheduled(), scenes.dead()).forEach(id -> requests.add(get(api.key(), "/v1/events/" + id)));
        String dead = scenes.post("order.paid", Stage.DEADLY, ",\"id\":\"known-to-its-producer\"");
        await().atMost(PATIENCE).until(() -> api.get("/v1/dead-letters/" + dead).status() == 200);
        requests.add(get(api.key(), "/v1/dead-letters/" + dead));
        requests.add(post(api.key(), "/v1/dead-letters:redrive", "{\"dryRun\":true}"));
        String later = "{\"type\":\"order.remind\",\"id\":\"once\",\"delay\":\"PT1H\",\"data\":{}}";
        requests.add(post(api.key(), "/v1/events", '[' + later + ',' + later + ']'));
        requests.add(post(api.key(), "/v1/events", '[' + later + ",{]"));
    }

    private void lanes() {
        requests.add(get(api.key(), "/v1/lanes/" + Stage.FAILING));
        requests.add(get(api.key(), "/v1/lanes/nothing-in-it"));
        requests.add(api.request("/v1/lanes/paused:pause", api.key()).POST(BodyPublishers.noBody()).build());
        requests.add(get(RunningApi.ADMIN_KEY, "/v1/monitoring/partitions"));
        requests.add(get(RunningApi.ADMIN_KEY, "/v1/monitoring/rate-limits/blocked?limit=1000"));
        requests.add(get(RunningApi.ADMIN_KEY, "/v1/monitoring/requests?limit=1000"));
    }

    private String client(String id) {
        return api.createClient(id);
    }

    private HttpRequest get(String key, String path) {
        return api.request(path, key).build();
    }

    private HttpRequest post(@Nullable String key, String path, String body) {
        return api.request(path, key).header("Content-Type", JSON).POST(BodyPublishers.ofString(body)).build();
    }
}
