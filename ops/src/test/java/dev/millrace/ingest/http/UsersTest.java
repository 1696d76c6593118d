package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users over HTTP: who registers them, who gets in. */
@RealRedis
final class UsersTest {
    private static final String PASSWORD = "correct horse battery staple";

    private final RedisSpace space;
    private RunningApi api;

    UsersTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space, Map.of("MILLRACE_REDIS_TIMEOUT", "5s"), EventHistory.none());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void registrationIsClosedUntilTheClientOpensIt() {
        assertThat(register("ada").status()).isEqualTo(403);
        Answer nobodys = send("/v1/auth/register", null, "{\"client\":\"nobody\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(nobodys.json()).as("whether there is such a client is not told").isEqualTo(register("ada").json());

        assertThat(choose("acme", "open").json().path("registration").stringValue()).isEqualTo("open");

        Answer registered = register("ada");
        assertThat(registered.status()).isEqualTo(201);
        assertThat(registered.json().propertyNames()).containsExactly("client", "user", "createdAt");
        assertThat(registered.json().path("client").stringValue()).isEqualTo("acme");
        assertThat(registered.json().path("user").stringValue()).isEqualTo("ada");
        assertThat(Instant.parse(registered.json().path("createdAt").stringValue())).isBetween(Instant.now().minusSeconds(60),
                Instant.now().plusSeconds(60));
    }

    @Test
    void aClientMayBeOpenFromTheBeginning() {
        Answer created = send("/v1/clients", RunningApi.ADMIN_KEY, "{\"id\":\"games\",\"name\":\"Games\",\"registration\":\"open\"}");
        assertThat(created.status()).isEqualTo(201);
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/games").json().path("registration").stringValue()).isEqualTo("open");
        assertThat(api.get("/v1/clients/acme").json().path("registration").stringValue()).isEqualTo("closed");
    }

    @Test
    void theAdministratorRegistersUsersOfAnyClientThatHasSome() {
        String body = "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\",\"name\":\"Ada L\u00f6velace\"}";

        Answer registered = send("/v1/auth/register", RunningApi.ADMIN_KEY, body);
        assertThat(registered.status()).isEqualTo(201);
        assertThat(registered.json().path("name").stringValue()).isEqualTo("Ada L\u00f6velace");
        assertThat(login("ada", PASSWORD).json().path("name").stringValue()).isEqualTo("Ada L\u00f6velace");
        assertThat(send("/v1/auth/register", RunningApi.ADMIN_KEY, body.replace("acme", "nobody")).status()).isEqualTo(403);
    }

    @Test
    void aKeyWithoutTheScopeRegistersNobody() {
        String body = "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\"}";
        Answer refused = send("/v1/auth/register", api.key(), body);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.problem()).isEqualTo("missing-scope");
        Answer wrong = send("/v1/auth/register", "mr_live_nobodys", body);
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.header("WWW-Authenticate")).startsWith("ApiKey ");
    }

    @Test
    void aClientKeepsItsOwnUsersAndNoOthers() {
        String key = send("/v1/clients", RunningApi.ADMIN_KEY, "{\"id\":\"games\",\"name\":\"Games\",\"scopes\":[\"admin\"]}").json()
                .path("apiKey").stringValue();
        String body = "{\"client\":\"games\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\"}";

        assertThat(send("/v1/auth/register", key, body).status()).isEqualTo(201);
        assertThat(send("/v1/auth/register", key, body.replace("games", "acme")).status()).isEqualTo(403);
        assertThat(patch("games", "{\"registration\":\"open\"}", key).status()).isEqualTo(200);
        assertThat(patch("acme", "{\"registration\":\"open\"}", key).status()).isEqualTo(404);
    }

    @Test
    void ofAClientWithAProviderNobodyRegistersHere() {
        choose("acme", "open");
        register("ada");
        choose("acme", "provider");
        String body = "{\"client\":\"acme\",\"user\":\"bob\",\"password\":\"" + PASSWORD + "\"}";
        assertThat(send("/v1/auth/register", RunningApi.ADMIN_KEY, body).status()).isEqualTo(403);
        assertThat(login("ada", PASSWORD).problem()).as("nor gets in by a password from before").isEqualTo("invalid-credentials");
    }

    @Test
    void aTakenIdIsLeftAsItIs() {
        choose("acme", "open");
        register("ada");

        Answer again = send("/v1/auth/register", null, "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"another password\"}");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.problem()).isEqualTo("user-exists");
        assertThat(login("ada", PASSWORD).status()).isEqualTo(200);
        assertThat(login("ada", "another password").status()).isEqualTo(401);
    }

    @Test
    void ofManyWhoRegisterOneUserOneSucceeds() throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> all = new ArrayList<>();
            for (int n = 0; n < 8; n++) {
                String body = "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"password number " + n + "\"}";
                all.add(callers.submit(() -> send("/v1/auth/register", RunningApi.ADMIN_KEY, body)));
            }
            for (Future<Answer> one : all) {
                answers.add(one.get());
            }
        }
        assertThat(answers).extracting(Answer::status).containsOnlyOnce(201).isSubsetOf(201, 409, 503);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"user":"ada","password":"long enough"} | #/client
            {"client":"acme","password":"long enough"} | #/user
            {"client":"acme","user":"ada"} | #/password
            {"client":"acme","user":"a da","password":"long enough"} | #/user
            {"client":"acme","user":"ada","password":"1234567"} | #/password
            {"client":"acme","user":"ada","password":12345678} | #/password
            {"client":"acme","user":"ada","password":"long\\u0000enough"} | #/password
            {"client":"acme","user":"ada","password":"long enough","name":""} | #/name
            {"client":"acme","user":"ada","password":"long enough","scopes":["admin"]} | #/scopes
            """)
    void aUserThatIsWrongIsRefused(String body, String pointer) {
        Answer answer = send("/v1/auth/register", RunningApi.ADMIN_KEY, body);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo(pointer);
        assertThat(new String(answer.response().body(), StandardCharsets.UTF_8)).doesNotContain("1234567")
                .doesNotContain("long");
    }

    @Test
    void aUserLogsInWithPasswordTokenAndSession() {
        registered("ada");

        Answer in = login("ada", PASSWORD);

        assertThat(in.status()).isEqualTo(200);
        assertThat(in.json().propertyNames()).containsExactly("client", "user", "token", "tokenExpiresAt", "session", "sessionExpiresAt");
        assertThat(in.header("Set-Cookie")).isEmpty();
        for (String bearer : List.of(in.json().path("token").stringValue(), in.json().path("session").stringValue())) {
            Answer who = as(bearer, "GET", "/v1/auth/session");
            assertThat(who.status()).isEqualTo(200);
            assertThat(who.json().path("client").stringValue()).isEqualTo("acme");
            assertThat(who.json().path("user").stringValue()).isEqualTo("ada");
            assertThat(who.json().has("csrfToken")).isFalse();
            assertThat(as(bearer, "GET", "/v1/boards/main/top").status()).isEqualTo(200);
        }
    }

    @Test
    void whatIsWrongIsNotTold() {
        registered("ada");

        Answer password = login("ada", "another password");
        Answer user = login("bob", PASSWORD);
        Answer client = send("/v1/auth/login", null, "{\"client\":\"nobody\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\"}");

        assertThat(password.status()).isEqualTo(401);
        assertThat(password.problem()).isEqualTo("invalid-credentials");
        assertThat(password.header("WWW-Authenticate")).startsWith("Bearer ");
        assertThat(user.json()).isEqualTo(password.json());
        assertThat(client.json()).isEqualTo(password.json());
    }

    @Test
    void guessersHaveToWaitAndTheirAccountDoesNotTell() {
        registered("ada");
        for (String user : List.of("ada", "nobody")) {
            for (int n = 0; n < 5; n++) {
                assertThat(login(user, "guess number " + n).status()).isEqualTo(401);
            }
            // As if it were less than a minute ago, however slow this machine is.
            long later = Instant.now().plusSeconds(50).toEpochMilli();
            space.server().command("HSET", api.namespace().keys().userFailures("acme", user, "127.0.0.1"), "until", Long.toString(later));
            Answer delayed = login(user, PASSWORD);
            assertThat(delayed.status()).as("even the right password waits").isEqualTo(429);
            assertThat(delayed.problem()).isEqualTo("too-many-attempts");
            assertThat(Integer.parseInt(delayed.header("Retry-After"))).isBetween(1, 51);
        }
        assertThat(api.metrics().counter("millrace_logins_total", "outcome", "refused").count()).isEqualTo(10);
        assertThat(api.metrics().counter("millrace_logins_total", "outcome", "delayed").count()).isEqualTo(2);

        // As if the time had passed.
        space.server().command("HSET", api.namespace().keys().userFailures("acme", "ada", "127.0.0.1"), "until", "0");
        assertThat(login("ada", PASSWORD).status()).isEqualTo(200);
        assertThat(login("ada", "a slip").status()).as("forgotten after success").isEqualTo(401);
        assertThat(login("ada", PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void massRegistrationIsSlowedDown() {
        choose("acme", "open");
        for (int n = 0; n < 20; n++) {
            assertThat(register("user-" + n).status()).isEqualTo(201);
        }
        assertThat(register("user-x").problem()).isEqualTo("too-many-attempts");
        assertThat(send("/v1/auth/register", RunningApi.ADMIN_KEY,
                "{\"client\":\"acme\",\"user\":\"user-y\",\"password\":\"" + PASSWORD + "\"}").status()).isEqualTo(201);
    }

    @Test
    void usersOfOneNameAndTwoClientsNeverMeet() {
        api.createClient("rival");
        registered("ada");
        send("/v1/auth/register", RunningApi.ADMIN_KEY, "{\"client\":\"rival\",\"user\":\"ada\",\"password\":\"the rival's password\"}");

        assertThat(login("ada", "the rival's password").status()).isEqualTo(401);
        Answer rival = send("/v1/auth/login", null, "{\"client\":\"rival\",\"user\":\"ada\",\"password\":\"the rival's password\"}");
        String token = rival.json().path("token").stringValue();
        assertThat(as(token, "GET", "/v1/auth/session").json().path("client").stringValue()).isEqualTo("rival");
        String acmes = login("ada", PASSWORD).json().path("session").stringValue();
        String id = as(acmes, "GET", "/v1/auth/session").json().path("sessionId").stringValue();
        assertThat(as(token, "GET", "/v1/auth/sessions").json().path("items")).hasSize(1);
        assertThat(as(token, "DELETE", "/v1/auth/sessions/" + id).status()).isEqualTo(404);
        assertThat(as(acmes, "GET", "/v1/auth/session").status()).isEqualTo(200);
    }

    @Test
    void onlyAClientsKeepersChooseForIt() {
        api.createClient("rival");
        assertThat(patch("acme", "{\"registration\":\"open\"}", api.key()).problem()).isEqualTo("missing-scope");
        assertThat(patch("acme", "{\"registration\":\"anyone\"}", RunningApi.ADMIN_KEY).status()).isEqualTo(422);
        assertThat(patch("acme", "{\"tier\":\"gold\"}", RunningApi.ADMIN_KEY).status()).isEqualTo(422);
        assertThat(patch("nobody", "{\"registration\":\"open\"}", RunningApi.ADMIN_KEY).status()).isEqualTo(404);
        assertThat(patch("acme", "{}", RunningApi.ADMIN_KEY).json().path("registration").stringValue()).isEqualTo("closed");
    }

    @Test
    void withoutASecretUsersAreNotSetUpAndEverythingElseIs() {
        api.close();
        api = RunningApi.start(space, Map.of("MILLRACE_JWT_SECRET", "", "MILLRACE_NAMESPACE", "other"), EventHistory.none());

        assertThat(send("/v1/auth/register", RunningApi.ADMIN_KEY, "{}").problem()).isEqualTo("not-set-up");
        assertThat(login("ada", PASSWORD).status()).isEqualTo(501);
        assertThat(api.get("/v1/boards/main/top").status()).isEqualTo(200);
    }

    private void registered(String user) {
        Answer made = send("/v1/auth/register", RunningApi.ADMIN_KEY,
                "{\"client\":\"acme\",\"user\":\"" + user + "\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(made.status()).isEqualTo(201);
    }

    private Answer register(String user) {
        return send("/v1/auth/register", null, "{\"client\":\"acme\",\"user\":\"" + user + "\",\"password\":\"" + PASSWORD + "\"}");
    }

    private Answer login(String user, String password) {
        return send("/v1/auth/login", null,
                "{\"client\":\"acme\",\"user\":\"" + user + "\",\"password\":\"" + password + "\"}");
    }

    private Answer choose(String client, String registration) {
        return patch(client, "{\"registration\":\"" + registration + "\"}", RunningApi.ADMIN_KEY);
    }

    private Answer patch(String client, String body, String key) {
        return api.send(api.request("/v1/clients/" + client, key).header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(body)).build());
    }

    private Answer send(String path, String key, String body) {
        return api.send(api.request(path, key).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build());
    }

    private Answer as(String bearer, String method, String path) {
        HttpRequest.Builder request = api.request(path, null).header("Authorization", "Bearer " + bearer).timeout(Duration.ofSeconds(20));
        return api.send(request.method(method, BodyPublishers.noBody()).build());
    }
}
