package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords that are changed and accounts that are deleted, and what ends by it. */
@RealRedis
final class AccountsTest {
    private static final String OLD = "correct horse battery staple";
    private static final String NEW = "staple battery horse correct";
    private static final String SESSION = "/v1/auth/session";

    private final RedisSpace space;
    private RunningApi api;

    AccountsTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() {
        space.clear();
        api = RunningApi.start(space, Map.of("MILLRACE_REDIS_TIMEOUT", "5s"), EventHistory.none());
        assertThat(register("ada").status()).isEqualTo(201);
        assertThat(register("bob").status()).isEqualTo(201);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void anotherPasswordEndsAllOtherSessionsAndTheirTokens() {
        Answer here = login("ada", OLD);
        Answer there = login("ada", OLD);
        Answer bob = login("bob", OLD);

        assertThat(change(session(here), OLD, NEW).status()).isEqualTo(204);

        assertThat(as(session(here), "GET", SESSION, null).status()).isEqualTo(200);
        assertThat(as(token(here), "GET", SESSION, null).status()).isEqualTo(200);
        for (String gone : List.of(session(there), token(there))) {
            assertThat(as(gone, "GET", SESSION, null).status()).isEqualTo(401);
        }
        assertThat(as(session(bob), "GET", SESSION, null).status()).isEqualTo(200);
        assertThat(login("ada", OLD).problem()).isEqualTo("invalid-credentials");
        assertThat(login("ada", NEW).status()).isEqualTo(200);
        assertThat(login("bob", OLD).status()).isEqualTo(200);
    }

    @Test
    void aTokenChangesThePasswordOfItsOwnUserAndKeepsItsSession() {
        Answer in = login("ada", OLD);

        assertThat(change(token(in), OLD, NEW).status()).isEqualTo(204);

        assertThat(as(session(in), "GET", SESSION, null).status()).isEqualTo(200);
        assertThat(login("ada", NEW).status()).isEqualTo(200);
    }

    @Test
    void whoGuessesThePasswordHasToWaitAsAtTheDoor() {
        Answer in = login("ada", OLD);
        String failures = api.namespace().keys().userFailures("acme", "ada");
        for (int guess = 1; guess <= 3; guess++) {
            Answer wrong = change(session(in), "wrong", NEW);
            assertThat(wrong.problem()).isEqualTo("invalid-credentials");
            assertThat(wrong.header("WWW-Authenticate")).contains("Bearer");
            assertThat(space.server().command("HGET", failures, "count")).isEqualTo(Integer.toString(guess));
        }
        // As if the last of many guesses were less than a minute ago, however slow this machine is.
        space.server().command("HSET", failures, "until", Long.toString(System.currentTimeMillis() + 60_000));

        Answer delayed = change(session(in), OLD, NEW);

        assertThat(delayed.status()).isEqualTo(429);
        assertThat(delayed.problem()).isEqualTo("too-many-attempts");
        assertThat(delayed.header("Retry-After")).isNotEmpty();
        assertThat(login("ada", OLD).status()).as("it is one count").isEqualTo(429);
        assertThat(as(session(in), "GET", SESSION, null).status()).as("whoever is in stays in").isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"currentPassword\":\"correct horse battery staple\"}",
            "{\"currentPassword\":\"\",\"newPassword\":\"staple battery horse correct\"}",
            "{\"currentPassword\":\"correct horse battery staple\",\"newPassword\":\"short\"}",
            "{\"currentPassword\":\"correct horse battery staple\",\"newPassword\":\"staple battery horse correct\",\"user\":\"bob\"}"})
    void whatIsNoChangeIsRefused(String body) {
        Answer answer = as(session(login("ada", OLD)), "POST", "/v1/auth/password", body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.problem()).isEqualTo("invalid-field");
        assertThat(login("ada", OLD).status()).isEqualTo(200);
    }

    @Test
    void aUserDeletesTheirOwnAccount() {
        Answer here = login("ada", OLD);
        Answer there = login("ada", OLD);
        assertThat(as(session(here), "POST", "/v1/auth/account:delete", "{\"password\":\"wrong\"}").status()).isEqualTo(401);
        assertThat(as(session(here), "GET", SESSION, null).status()).isEqualTo(200);

        assertThat(as(session(here), "POST", "/v1/auth/account:delete", "{\"password\":\"" + OLD + "\"}").status()).isEqualTo(204);

        for (String gone : List.of(session(here), token(here), session(there), token(there))) {
            assertThat(as(gone, "GET", SESSION, null).status()).isEqualTo(401);
        }
        assertThat(login("ada", OLD).problem()).isEqualTo("invalid-credentials");
        assertThat(login("bob", OLD).status()).isEqualTo(200);
        assertThat(space.server().command("EXISTS", api.namespace().keys().user("acme", "ada"))).isEqualTo("0");
        assertThat(register("ada").status()).as("the name is free again").isEqualTo(201);
    }

    @Test
    void aClientDeletesItsUsersAndNoOthers() {
        api.createClient("rival");
        Answer in = login("ada", OLD);
        assertThat(deleteUser("rival", "ada").status()).isEqualTo(404);
        assertThat(as(session(in), "GET", SESSION, null).status()).isEqualTo(200);

        assertThat(deleteUser("acme", "ada").status()).isEqualTo(204);

        assertThat(deleteUser("acme", "ada").status()).isEqualTo(404);
        assertThat(as(session(in), "GET", SESSION, null).status()).isEqualTo(401);
        assertThat(as(token(in), "GET", SESSION, null).status()).isEqualTo(401);
        assertThat(login("ada", OLD).status()).isEqualTo(401);
        assertThat(login("bob", OLD).status()).isEqualTo(200);
    }

    private Answer deleteUser(String client, String user) {
        return api.deleteAs(RunningApi.ADMIN_KEY, "/v1/clients/" + client + "/users/" + user);
    }

    private Answer register(String user) {
        return send(api.request("/v1/auth/register", RunningApi.ADMIN_KEY), "POST", account(user, OLD));
    }

    private Answer login(String user, String password) {
        return send(api.request("/v1/auth/login", null), "POST", account(user, password));
    }

    private static String account(String user, String password) {
        return "{\"client\":\"acme\",\"user\":\"" + user + "\",\"password\":\"" + password + "\"}";
    }

    private Answer change(String bearer, String current, String other) {
        return as(bearer, "POST", "/v1/auth/password", "{\"currentPassword\":\"" + current + "\",\"newPassword\":\"" + other + "\"}");
    }

    private Answer as(String bearer, String method, String path, @Nullable String body) {
        return send(api.request(path, null).header("Authorization", "Bearer " + bearer), method, body);
    }

    private Answer send(HttpRequest.Builder request, String method, @Nullable String body) {
        return api.send(request.header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build());
    }

    private static String session(Answer in) {
        return in.json().path("session").stringValue();
    }

    private static String token(Answer in) {
        return in.json().path("token").stringValue();
    }
}
