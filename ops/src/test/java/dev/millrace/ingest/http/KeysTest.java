package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@RealRedis
final class KeysTest {
    private static final String KEYS = "/v1/clients/acme/keys";
    private static final String ROTATE = KEYS + ":rotate";
    private static final String BOARD = "/v1/boards/main/top";
    private static final String SCORE = "{\"player\":\"ann\",\"add\":1}";
    private static final List<String> BY_DEFAULT = List.of("boards:read", "dead-letters:manage", "events:write");

    private final RedisSpace space;
    private RunningApi api;

    KeysTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private Answer rotate(String body) {
        return api.send(api.request(ROTATE, RunningApi.ADMIN_KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)).build());
    }

    private Answer rotate() {
        return api.postAs(RunningApi.ADMIN_KEY, ROTATE);
    }

    private List<JsonNode> listed() {
        Answer answer = api.getAs(RunningApi.ADMIN_KEY, KEYS);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("next").isNull()).isTrue();
        return StreamSupport.stream(answer.json().path("items").spliterator(), false).toList();
    }

    private static List<String> words(JsonNode scopes) {
        return StreamSupport.stream(scopes.spliterator(), false).map(JsonNode::stringValue).toList();
    }

    private static String apiKey(Answer answer) {
        return answer.json().path("apiKey").stringValue();
    }

    @Test
    void aRotationGivesANewKeyAndTheOldOneAnEnd() {
        Answer rotated = rotate();

        assertThat(rotated.status()).isEqualTo(201);
        assertThat(rotated.json().propertyNames()).containsExactly("id", "apiKey", "scopes", "createdAt", "before");
        assertThat(words(rotated.json().path("scopes"))).isEqualTo(BY_DEFAULT);
        assertThat(api.getAs(apiKey(rotated), BOARD).status()).isEqualTo(200);
        assertThat(api.getAs(api.key(), BOARD).status()).isEqualTo(200);

        List<JsonNode> listed = listed();
        assertThat(listed).hasSize(2);
        Instant created = Instant.parse(rotated.json().path("createdAt").stringValue());
        assertThat(listed.get(0).path("id")).isEqualTo(rotated.json().at("/before/id"));
        assertThat(Instant.parse(listed.get(0).path("expiresAt").stringValue())).isEqualTo(created.plus(Duration.ofDays(7)))
                .isEqualTo(Instant.parse(rotated.json().at("/before/expiresAt").stringValue()));
        assertThat(listed.get(1).path("id")).isEqualTo(rotated.json().path("id"));
        assertThat(listed.get(1).has("expiresAt")).isFalse();
        assertThat(api.getAs(RunningApi.ADMIN_KEY, KEYS).json().toString()).doesNotContain("mr_live_", "hmac");
    }

    @Test
    void thereIsNoThirdLiveKeyAndNoneIsEndedForIt() {
        String second = apiKey(rotate());

        Answer third = rotate();

        assertThat(third.status()).isEqualTo(409);
        assertThat(third.problem()).isEqualTo("two-live-keys");
        assertThat(third.json().path("detail").stringValue()).contains(listed().getFirst().path("expiresAt").stringValue());
        assertThat(List.of(api.key(), second)).allSatisfy(key -> assertThat(api.getAs(key, BOARD).status()).isEqualTo(200));
        assertThat(keysHeld()).isEqualTo(2);
    }

    @Test
    void whoNeverHeardOfTheNewKeyRevokesItAndRotatesAgain() {
        String unheard = rotate().json().path("id").stringValue();
        Instant end = Instant.parse(listed().getFirst().path("expiresAt").stringValue());

        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, KEYS + '/' + unheard).status()).isEqualTo(204);
        String heard = apiKey(rotate());

        assertThat(api.getAs(heard, BOARD).status()).isEqualTo(200);
        assertThat(api.getAs(api.key(), BOARD).status()).as("the key in use was never touched").isEqualTo(200);
        assertThat(Instant.parse(listed().getFirst().path("expiresAt").stringValue())).as("nor its end put off").isEqualTo(end);
    }

    @Test
    void aClientWhoseFirstKeyNobodyHeardOfIsGivenAnother() {
        api.createClient("silent");
        String lost = api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/silent/keys").json().at("/items/0/id").stringValue();

        Answer rotated = api.postAs(RunningApi.ADMIN_KEY, "/v1/clients/silent/keys:rotate");
        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, "/v1/clients/silent/keys/" + lost).status()).isEqualTo(204);

        assertThat(api.getAs(apiKey(rotated), "/v1/clients/silent").status()).isEqualTo(200);
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/silent/keys").json().path("items")).hasSize(1);
    }

    @Test
    void aRevokedKeyOpensNothing() {
        String second = apiKey(rotate());
        String first = listed().getFirst().path("id").stringValue();

        Answer revoked = api.deleteAs(RunningApi.ADMIN_KEY, KEYS + '/' + first);

        assertThat(revoked.status()).isEqualTo(204);
        assertThat(revoked.response().body()).isEmpty();
        assertThat(api.getAs(api.key(), BOARD).status()).isEqualTo(401);
        assertThat(api.getAs(second, BOARD).status()).isEqualTo(200);
        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, KEYS + '/' + first).status()).isEqualTo(404);
        assertThat(keysHeld()).isEqualTo(1);
    }

    @Test
    void aClientKeepsItsKeysByOneThatMayAndNeverLosesItsLast() {
        String keeper = apiKey(rotate("{\"scopes\":[\"admin\",\"boards:read\"]}"));
        String first = listed().getFirst().path("id").stringValue();
        String second = listed().getLast().path("id").stringValue();
        assertThat(api.postAs(api.key(), ROTATE).problem()).isEqualTo("missing-scope");
        assertThat(api.getAs(api.key(), KEYS).json().path("detail").stringValue()).contains("scope admin");
        assertThat(api.deleteAs(api.key(), KEYS + '/' + second).status()).isEqualTo(403);

        assertThat(api.getAs(keeper, KEYS).json().path("items")).hasSize(2);
        assertThat(api.deleteAs(keeper, KEYS + '/' + first).status()).isEqualTo(204);
        Answer last = api.deleteAs(keeper, KEYS + '/' + second);
        assertThat(last.status()).isEqualTo(409);
        assertThat(last.problem()).isEqualTo("last-key");

        Answer third = api.postAs(keeper, ROTATE);
        assertThat(words(third.json().path("scopes"))).as("as those of the key before").containsExactly("admin", "boards:read");
        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, KEYS + '/' + second).status()).isEqualTo(204);
        String thirdId = third.json().path("id").stringValue();
        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, KEYS + '/' + thirdId).status()).as("even the last").isEqualTo(204);
        assertThat(api.getAs(apiKey(third), BOARD).status()).isEqualTo(401);
        assertThat(listed()).isEmpty();

        assertThat(words(rotate().json().path("scopes"))).as("with none to go by").isEqualTo(BY_DEFAULT);
    }

    @Test
    void aKeyDoesWhatItsScopesSay() {
        String reader = apiKey(rotate("{\"scopes\":[\"boards:read\"]}"));

        assertThat(api.getAs(reader, BOARD).status()).isEqualTo(200);
        assertThat(api.getAs(reader, "/v1/clients/acme").status()).isEqualTo(200);
        Answer posted = api.send(api.request("/v1/scores", reader).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(SCORE)).build());
        assertThat(posted.status()).isEqualTo(403);
        assertThat(posted.problem()).isEqualTo("missing-scope");
        assertThat(posted.json().path("detail").stringValue()).isEqualTo("It takes a key with the scope events:write.");
        assertThat(api.postAs(reader, "/v1/lanes/ann:pause").json().path("detail").stringValue()).contains("dead-letters:manage");
        assertThat(api.queued()).isZero();
    }

    @Test
    void aClientIsMadeWithTheScopesThatAreAskedFor() {
        Answer made = api.send(api.request("/v1/clients", RunningApi.ADMIN_KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"viewer\",\"name\":\"Viewer\",\"scopes\":[\"boards:read\"]}")).build());

        assertThat(made.status()).isEqualTo(201);
        assertThat(api.getAs(apiKey(made), BOARD).status()).isEqualTo(200);
        assertThat(api.postAs(apiKey(made), "/v1/scores").status()).isEqualTo(403);
    }

    @Test
    void othersKeysAreNobodysBusiness() {
        api.createClient("rival");
        String keeper = apiKey(rotate("{\"scopes\":[\"admin\"]}"));

        Answer others = api.getAs(keeper, "/v1/clients/rival/keys");
        assertThat(others.status()).isEqualTo(404);
        assertThat(others.json()).isEqualTo(api.getAs(keeper, "/v1/clients/nobody/keys").json())
                .isEqualTo(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/nobody/keys").json());
        assertThat(api.postAs(keeper, "/v1/clients/rival/keys:rotate").status()).isEqualTo(404);
        assertThat(api.postAs(RunningApi.ADMIN_KEY, "/v1/clients/nobody/keys:rotate").status()).isEqualTo(404);
        assertThat(api.deleteAs(keeper, "/v1/clients/rival/keys/x").status()).isEqualTo(404);
        assertThat(keysHeld()).as("of acme, rival and the keeper, and none of nobody").isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"scopes\":[]}", "{\"scopes\":\"admin\"}", "{\"scopes\":[\"root\"]}", "{\"scopes\":[1]}",
            "{\"scopes\":[\"admin\",\"admin\"]}", "{\"scopes\":null}", "{\"scope\":[\"admin\"]}"})
    void scopesThatAreNoneAreRefused(String body) {
        Answer answer = rotate(body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/pointer").stringValue()).startsWith("#/scope");
        assertThat(listed()).hasSize(1);
    }

    @Test
    void keysFromBeforeThereWereScopesOpenWhatTheyDid() {
        String id = listed().getFirst().path("id").stringValue();
        String place = api.namespace().keys().clientKeys("acme");
        String hash = String.valueOf(space.server().command("HGET", place, id)).replaceAll(".*\\|", "");
        space.server().command("DEL", place);
        space.server().command("HSET", place, id, "1|1790000000000|" + hash);

        assertThat(words(listed().getFirst().path("scopes"))).isEqualTo(BY_DEFAULT);
        assertThat(api.getAs(api.key(), BOARD).status()).isEqualTo(200);
        assertThat(api.post("/v1/scores", SCORE).status()).isEqualTo(202);
        assertThat(api.postAs(api.key(), ROTATE).status()).isEqualTo(403);

        assertThat(apiKey(rotate())).isNotEmpty();
        assertThat(listed()).hasSize(2);
        assertThat(listed().getFirst().has("expiresAt")).isTrue();
        assertThat(api.getAs(api.key(), BOARD).status()).isEqualTo(200);
        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, KEYS + '/' + id).status()).isEqualTo(204);
        assertThat(api.getAs(api.key(), BOARD).status()).isEqualTo(401);
    }

    private long keysHeld() {
        return String.valueOf(space.server().command("KEYS", api.namespace().keys().apiKey("*"))).lines().count();
    }
}
