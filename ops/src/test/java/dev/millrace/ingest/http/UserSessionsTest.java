package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.RSAKey;
import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.OpenIdProvider;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What users may do once they are in, and how they go. */
@RealRedis
final class UserSessionsTest {
    private static final String PASSWORD = "correct horse battery staple";
    private static final String SESSION = "/v1/auth/session";
    private static final String CSRF = "X-Csrf-Token";

    private final RedisSpace space;
    private RunningApi api;

    UserSessionsTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space, Map.of("MILLRACE_REDIS_TIMEOUT", "5s"), EventHistory.none());
        send("POST", "/v1/auth/register", "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\"}", "X-Api-Key",
                RunningApi.ADMIN_KEY);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aSessionRenewsItsToken() {
        Answer in = login();
        Answer refreshed = as(session(in), "POST", "/v1/auth/refresh");

        assertThat(refreshed.status()).isEqualTo(200);
        assertThat(refreshed.json().propertyNames()).containsExactly("token", "tokenExpiresAt", "sessionExpiresAt");
        assertThat(token(refreshed)).isNotEqualTo(token(in));
        assertThat(as(token(refreshed), "GET", SESSION).json().path("by").stringValue()).isEqualTo("token");
        assertThat(as(token(in), "POST", "/v1/auth/refresh").status()).as("a token does not renew itself for ever").isEqualTo(403);
    }

    @Test
    void loggingOutBySessionEndsItsTokens() {
        Answer in = login();
        String second = token(as(session(in), "POST", "/v1/auth/refresh"));
        Answer elsewhere = login();

        assertThat(as(session(in), "POST", "/v1/auth/logout").status()).isEqualTo(204);

        for (String gone : List.of(session(in), token(in), second)) {
            Answer refused = as(gone, "GET", SESSION);
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.problem()).isEqualTo("unauthenticated");
            assertThat(refused.header("WWW-Authenticate")).contains("Bearer ");
            assertThat(as(gone, "POST", "/v1/auth/refresh").status()).isEqualTo(401);
        }
        assertThat(as(session(elsewhere), "GET", SESSION).status()).isEqualTo(200);
        assertThat(as(token(elsewhere), "GET", SESSION).status()).isEqualTo(200);
    }

    @Test
    void loggingOutByTokenEndsTheSessionToo() {
        Answer in = login();
        assertThat(as(token(in), "POST", "/v1/auth/logout").status()).isEqualTo(204);
        assertThat(as(session(in), "GET", SESSION).status()).isEqualTo(401);
        assertThat(as(token(in), "GET", SESSION).status()).isEqualTo(401);
    }

    @Test
    void aDenialLastsAsLongAsAnyTokenCould() {
        Answer in = login();
        String id = as(session(in), "GET", SESSION).json().path("sessionId").stringValue();
        as(session(in), "POST", "/v1/auth/logout");
        assertThat(Long.parseLong(String.valueOf(space.server().command("PTTL", api.namespace().keys().denied(id)))))
                .isBetween(900_000L, 960_000L);
    }

    @Test
    void usersSeeTheirSessionsAndEndThem() {
        Answer here = login("User-Agent", "a\tphone");
        Answer there = login("User-Agent", "x".repeat(300));

        Answer list = as(session(here), "GET", "/v1/auth/sessions");
        assertThat(list.status()).isEqualTo(200);
        assertThat(list.json().path("items").valueStream().map(item -> item.path("agent").stringValue())).containsExactly("x".repeat(128),
                "a?phone");
        assertThat(list.json().path("items").valueStream().map(item -> item.path("current").booleanValue())).containsExactly(false, true);
        assertThat(list.json().path("items").toString()).doesNotContain(session(here)).doesNotContain(session(there));

        String other = list.json().at("/items/0/id").stringValue();
        assertThat(as(session(here), "DELETE", "/v1/auth/sessions/" + other).status()).isEqualTo(204);
        assertThat(as(session(there), "GET", SESSION).status()).isEqualTo(401);
        assertThat(as(token(there), "GET", SESSION).status()).as("its tokens end with it").isEqualTo(401);
        assertThat(as(session(here), "DELETE", "/v1/auth/sessions/" + other).status()).isEqualTo(404);
        assertThat(as(session(here), "GET", SESSION).status()).isEqualTo(200);
    }

    @Test
    void nobodyEndsTheSessionOfAnotherUser() {
        send("POST", "/v1/auth/register", "{\"client\":\"acme\",\"user\":\"eve\",\"password\":\"" + PASSWORD + "\"}", "X-Api-Key",
                RunningApi.ADMIN_KEY);
        String eve = session(send("POST", "/v1/auth/login", "{\"client\":\"acme\",\"user\":\"eve\",\"password\":\"" + PASSWORD + "\"}"));
        Answer ada = login();
        String id = as(session(ada), "GET", SESSION).json().path("sessionId").stringValue();

        assertThat(as(eve, "DELETE", "/v1/auth/sessions/" + id).status()).isEqualTo(404);
        assertThat(as(session(ada), "GET", SESSION).status()).isEqualTo(200);
        assertThat(as(token(ada), "GET", SESSION).status()).isEqualTo(200);
    }

    @Test
    void aCookieIsSetForThisHostAloneAndOutOfReachOfScripts() {
        Answer in = loginByCookie();

        assertThat(in.json().has("session")).isFalse();
        assertThat(in.header("Set-Cookie")).matches("__Host-millrace=mrs_[A-Za-z0-9_-]{43};.*")
                .containsIgnoringCase("; Path=/").containsIgnoringCase("; Secure").containsIgnoringCase("; HttpOnly")
                .containsIgnoringCase("; SameSite=Lax").containsIgnoringCase("; Max-Age=2592000").doesNotContainIgnoringCase("Domain");
        Answer who = send("GET", SESSION, null, "Cookie", cookie(in));
        assertThat(who.status()).isEqualTo(200);
        assertThat(who.json().path("csrfToken").stringValue()).isEqualTo(in.json().path("csrfToken").stringValue());
    }

    @Test
    void aCookieAloneChangesNothing() {
        Answer in = loginByCookie();
        Answer another = loginByCookie();
        String score = "{\"player\":\"ada\",\"add\":1}";

        for (String proof : new String[]{null, "", "x", another.json().path("csrfToken").stringValue()}) {
            Answer refused = proof == null ? send("POST", "/v1/scores", score, "Cookie", cookie(in))
                    : send("POST", "/v1/scores", score, "Cookie", cookie(in), CSRF, proof);
            assertThat(refused.status()).as("with %s", proof).isEqualTo(403);
            assertThat(refused.json().at("/errors/0/header").stringValue()).isEqualTo(CSRF);
        }
        assertThat(send("POST", "/v1/auth/logout", null, "Cookie", cookie(in)).status()).isEqualTo(403);
        assertThat(api.queued()).isZero();

        String proof = in.json().path("csrfToken").stringValue();
        assertThat(send("POST", "/v1/scores", score, "Cookie", cookie(in), CSRF, proof).status()).isEqualTo(202);
        Answer out = send("POST", "/v1/auth/logout", null, "Cookie", cookie(in), CSRF, proof);
        assertThat(out.status()).isEqualTo(204);
        assertThat(out.header("Set-Cookie")).startsWith("__Host-millrace=;").contains("Expires=Thu, 01 Jan 1970");
        Answer after = send("GET", SESSION, null, "Cookie", cookie(in));
        assertThat(after.status()).isEqualTo(401);
        assertThat(after.header("Set-Cookie")).as("a browser forgets what has ended").contains("Expires=Thu, 01 Jan 1970");
    }

    @Test
    void aSessionThatWasPlantedIsNotTheOneThatBegins() {
        String planted = "mrs_" + "A".repeat(43);
        Answer in = send("POST", "/v1/auth/login",
                "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\",\"cookie\":true}", "Cookie",
                "__Host-millrace=" + planted);

        assertThat(in.status()).isEqualTo(200);
        assertThat(cookie(in)).doesNotContain(planted);
        assertThat(send("GET", SESSION, null, "Cookie", "__Host-millrace=" + planted).status()).isEqualTo(401);
        assertThat(cookie(loginByCookie())).isNotEqualTo(cookie(in));
    }

    @Test
    void aUserPostsItsOwnScoresOnly() {
        for (String bearer : List.of(token(login()), session(login()))) {
            assertThat(post(bearer, "/v1/scores", "{\"player\":\"ada\",\"add\":1}").status()).isEqualTo(202);
            assertThat(post(bearer, "/v1/events", "{\"type\":\"score.best\",\"data\":{\"player\":\"ada\",\"value\":9}}").status())
                    .isEqualTo(202);
            refusedAt("#/player", post(bearer, "/v1/scores", "{\"player\":\"bob\",\"add\":1}"));
            refusedAt("#/data/player", post(bearer, "/v1/events", "{\"type\":\"score.add\",\"data\":{\"player\":\"bob\",\"value\":9}}"));
        }
        Answer bulk = post(token(login()), "/v1/events", """
                [{"type":"score.add","data":{"player":"ada","value":1}},{"type":"score.add","data":{"player":"bob","value":1}}]""");
        assertThat(bulk.json().at("/items/0/status").intValue()).isEqualTo(202);
        assertThat(bulk.json().at("/items/1/status").intValue()).isEqualTo(403);
        assertThat(bulk.json().at("/items/1/problem/errors/0/pointer").stringValue()).isEqualTo("#/data/player");
        assertThat(api.queued()).isEqualTo(5);
    }

    private static void refusedAt(String pointer, Answer answer) {
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.problem()).isEqualTo("forbidden");
        assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo(pointer);
    }

    @Test
    void aUserReadsBoardsAndItsOwnEventsAndNothingElse() {
        String token = token(login());
        String own = post(token, "/v1/scores", "{\"player\":\"ada\",\"add\":1}").json().path("id").stringValue();
        String others = api.post("/v1/scores", "{\"player\":\"bob\",\"add\":1}").json().path("id").stringValue();

        assertThat(as(token, "GET", "/v1/boards/main/top").status()).isEqualTo(200);
        assertThat(as(token, "GET", "/v1/events/" + own).status()).isEqualTo(200);
        assertThat(as(token, "GET", "/v1/events/" + others).status()).isEqualTo(404);
        for (String path : List.of("/v1/clients/acme", "/v1/lanes/ada", "/v1/monitoring/partitions")) {
            assertThat(as(token, "GET", path).status()).as(path).isEqualTo(403);
        }
        assertThat(as(token, "DELETE", "/v1/events/" + own).status()).isEqualTo(403);
        assertThat(as(token, "POST", "/v1/lanes/ada:pause").status()).isEqualTo(403);
        assertThat(send("GET", SESSION, null, "X-Api-Key", api.key()).status()).as("a key is no user").isEqualTo(403);
        assertThat(send("GET", SESSION, null, "X-Api-Key", RunningApi.ADMIN_KEY).status()).isEqualTo(403);
    }

    @Test
    void whatIsNoCredentialIsRefused() {
        String token = token(login());
        for (String bearer : List.of("x", "mrs_x", "mrs_" + "A".repeat(43), token + "x", token.substring(0, token.lastIndexOf('.') + 1),
                "a.b.c", "..")) {
            Answer refused = as(bearer, "GET", "/v1/boards/main/top");
            assertThat(refused.status()).as(bearer).isEqualTo(401);
            assertThat(refused.problem()).isEqualTo("unauthenticated");
        }
        assertThat(send("GET", SESSION, null, "Authorization", "Basic YWRhOnB3").status()).isEqualTo(401);
        assertThat(send("GET", SESSION, null, "Authorization", "bearer " + token).status()).as("schemes have no case").isEqualTo(200);
        assertThat(send("GET", SESSION, null, "Cookie", "__Host-millrace=" + token).status()).as("a token is no cookie").isEqualTo(401);
        assertThat(send("GET", SESSION, null).status()).isEqualTo(401);
    }

    @Test
    void aProvidersTokensCountForClientsThatLeaveTheirUsersToIt() {
        RSAKey key = OpenIdProvider.rsa("k", 2_048);
        try (OpenIdProvider provider = OpenIdProvider.start()) {
            provider.publish(key);
            api.close();
            api = RunningApi.start(space, Map.of("MILLRACE_OIDC_ISSUER", provider.issuer(), "MILLRACE_OIDC_AUDIENCE", "boards",
                    "MILLRACE_NAMESPACE", "withprovider"), EventHistory.none());
            String ada = OpenIdProvider.sign(provider.claims("acme", "ada", "boards"), key, JWSAlgorithm.RS256);
            String eve = OpenIdProvider.sign(provider.claims("acme", "eve", "boards"), key, JWSAlgorithm.RS256);

            assertThat(as(ada, "GET", SESSION).status()).as("the client has users of its own").isEqualTo(401);
            send("PATCH", "/v1/clients/acme", "{\"registration\":\"provider\"}", "X-Api-Key", RunningApi.ADMIN_KEY);

            await().untilAsserted(() -> assertThat(as(ada, "GET", SESSION).status()).isEqualTo(200));
            assertThat(as(ada, "GET", SESSION).json().path("by").stringValue()).isEqualTo("provider");
            assertThat(post(ada, "/v1/scores", "{\"player\":\"ada\",\"add\":1}").status()).isEqualTo(202);
            refusedAt("#/player", post(ada, "/v1/scores", "{\"player\":\"eve\",\"add\":1}"));
            assertThat(as(ada, "POST", "/v1/auth/refresh").status()).isEqualTo(403);
            assertThat(as(ada, "POST", "/v1/auth/logout").status()).isEqualTo(204);
            assertThat(as(ada, "GET", SESSION).status()).isEqualTo(401);
            assertThat(as(eve, "GET", SESSION).status()).isEqualTo(200);
            String others = OpenIdProvider.sign(provider.claims("nobody", "eve", "boards"), key, JWSAlgorithm.RS256);
            assertThat(as(others, "GET", SESSION).status()).isEqualTo(401);
        }
    }

    @Test
    void whileTheProviderIsAwayItsUsersAreToldToComeBack() {
        RSAKey key = OpenIdProvider.rsa("k", 2_048);
        try (OpenIdProvider provider = OpenIdProvider.start()) {
            provider.away(true);
            api.close();
            api = RunningApi.start(space, Map.of("MILLRACE_OIDC_ISSUER", provider.issuer(), "MILLRACE_OIDC_AUDIENCE", "boards",
                    "MILLRACE_NAMESPACE", "providerless"), EventHistory.none());
            Answer answer = as(OpenIdProvider.sign(provider.claims("acme", "ada", "boards"), key, JWSAlgorithm.RS256), "GET", SESSION);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isEqualTo("5");
        }
    }

    @Test
    void nobodyStaysInWhenTheClientLeavesItsUsersToAProvider() {
        Answer in = login();
        Answer byCookie = loginByCookie();
        assertThat(as(session(in), "GET", SESSION).status()).isEqualTo(200);
        assertThat(as(token(in), "GET", SESSION).status()).isEqualTo(200);

        send("PATCH", "/v1/clients/acme", "{\"registration\":\"provider\"}", "X-Api-Key", RunningApi.ADMIN_KEY);

        await().untilAsserted(() -> assertThat(as(session(in), "GET", SESSION).status()).isEqualTo(401));
        assertThat(as(token(in), "GET", SESSION).status()).isEqualTo(401);
        assertThat(as(session(in), "POST", "/v1/auth/refresh").status()).isEqualTo(401);
        assertThat(send("GET", SESSION, null, "Cookie", cookie(byCookie)).status()).isEqualTo(401);
    }

    private Answer login(String... headers) {
        return send("POST", "/v1/auth/login", "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\"}", headers);
    }

    private Answer loginByCookie() {
        return send("POST", "/v1/auth/login",
                "{\"client\":\"acme\",\"user\":\"ada\",\"password\":\"" + PASSWORD + "\",\"cookie\":true}");
    }

    private static String token(Answer answer) {
        return answer.json().path("token").stringValue();
    }

    private static String session(Answer answer) {
        return answer.json().path("session").stringValue();
    }

    private static String cookie(Answer answer) {
        return answer.header("Set-Cookie").replaceAll(";.*", "");
    }

    private Answer as(String bearer, String method, String path) {
        return send(method, path, null, "Authorization", "Bearer " + bearer);
    }

    private Answer post(String bearer, String path, String body) {
        return send("POST", path, body, "Authorization", "Bearer " + bearer);
    }

    private Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = api.request(path, null).header("Content-Type", "application/json").method(method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return api.send(headers.length == 0 ? request.build() : request.headers(headers).build());
    }
}
