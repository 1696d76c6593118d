package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RealRedis
final class ClientsTest {
    private final RedisSpace space;
    private RunningApi api;

    ClientsTest(RedisSpace space) {
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

    @Test
    void aNewClientsKeyOpensTheDoor() {
        Answer created = create("{\"id\":\"studio-7\",\"name\":\"Studio Sieben \u00e4\",\"tier\":\"gold\"}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/v1/clients/studio-7");
        assertThat(created.json().propertyNames()).containsExactly("id", "name", "apiKey");
        assertThat(created.json().path("id").stringValue()).isEqualTo("studio-7");
        String key = created.json().path("apiKey").stringValue();
        assertThat(key).matches("mr_live_[A-Za-z0-9]{36}");
        Answer seen = api.getAs(key, "/v1/clients/studio-7");
        assertThat(seen.status()).isEqualTo(200);
        assertThat(seen.json().path("name").stringValue()).isEqualTo("Studio Sieben \u00e4");
        assertThat(seen.json().path("tier").stringValue()).isEqualTo("gold");
        assertThat(Instant.parse(seen.json().path("createdAt").stringValue())).isBetween(Instant.now().minusSeconds(60),
                Instant.now().plusSeconds(60));
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/studio-7").json()).isEqualTo(seen.json());
    }

    @Test
    void aClientSeesNothingOfOthers() {
        api.createClient("rival");

        Answer others = api.get("/v1/clients/rival");
        Answer nobodys = api.get("/v1/clients/nobody");

        assertThat(others.status()).isEqualTo(404);
        assertThat(others.json()).isEqualTo(nobodys.json());
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/nobody").status()).isEqualTo(404);
    }

    @Test
    void aTakenIdIsLeftAsItIs() {
        Answer again = create("{\"id\":\"acme\",\"name\":\"Another\"}");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.problem()).isEqualTo("client-exists");
        assertThat(api.get("/v1/clients/acme").json().path("name").stringValue()).isEqualTo("Client acme");
        assertThat(keysHeld()).isEqualTo(1);
    }

    @Test
    void ofManyWhoCreateOneClientOneSucceeds() throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
            List<Future<Answer>> creations = IntStream.range(0, 48)
                    .mapToObj(n -> callers.submit(() -> create("{\"id\":\"wanted\",\"name\":\"Number " + n + "\"}"))).toList();
            for (Future<Answer> creation : creations) {
                answers.add(creation.get());
            }
        }

        assertThat(answers).extracting(Answer::status).containsOnly(201, 409);
        assertThat(answers).filteredOn(answer -> answer.status() == 201).singleElement().satisfies(winner -> {
            String key = winner.json().path("apiKey").stringValue();
            assertThat(api.getAs(key, "/v1/clients/wanted").json().path("name")).isEqualTo(winner.json().path("name"));
        });
        assertThat(keysHeld()).as("keys of acme and the one winner").isEqualTo(2);
    }

    @Test
    void aCreationThatStoppedHalfWayCanBeMadeAgain() {
        // What a process leaves that dies after it stored the key and before it stored the client.
        space.server().command("SET", api.namespace().keys().apiKey("of-a-key-that-nobody-was-told"), "half keyid");

        assertThat(create("{\"id\":\"half\",\"name\":\"Half\"}").status()).isEqualTo(201);
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/half").status()).isEqualTo(200);
    }

    @Test
    void onlyTheAdministratorCreatesClients() {
        String body = "{\"id\":\"more\",\"name\":\"More\"}";

        assertThat(api.post("/v1/clients", body).status()).isEqualTo(403);
        Answer nobody = api.send(api.request("/v1/clients", null).POST(BodyPublishers.ofString(body)).build());
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.header("WWW-Authenticate")).startsWith("ApiKey ");
        assertThat(api.getAs(RunningApi.ADMIN_KEY, "/v1/clients/more").status()).isEqualTo(404);
    }

    @Test
    void keysThatAreNobodysAreRefused() {
        String mistyped = api.key().substring(0, api.key().length() - 1) + (api.key().endsWith("x") ? 'y' : 'x');
        // A right checksum, but never given out.
        String forged = "mr_live_0123456789abcdefghijABCDEFGHIJ29Wgyf";
        for (String key : List.of(mistyped, forged, "x", RunningApi.ADMIN_KEY + 'x', RunningApi.ADMIN_KEY.substring(1))) {
            Answer answer = api.getAs(key, "/v1/boards/main/top");
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.problem()).isEqualTo("unauthenticated");
        }
    }

    @Test
    void mistypedKeysAskNothingOfRedis() {
        long before = gets();
        api.getAs("mr_live_0123456789abcdefghijABCDEFGHIJ29Wgyg", "/v1/boards/main/top");
        assertThat(gets()).isEqualTo(before);

        api.getAs("mr_live_0123456789abcdefghijABCDEFGHIJ29Wgyf", "/v1/boards/main/top");
        assertThat(gets()).isEqualTo(before + 1);
    }

    @Test
    void redisNeverHoldsAKey() {
        String secret = api.key().substring("mr_live_".length());
        String everything = space.server().command("EVAL", """
                local all = {}
                for _, key in ipairs(redis.call('KEYS', '*')) do
                  all[#all + 1] = key .. redis.call('DUMP', key)
                end
                return table.concat(all)""", "0");

        assertThat(everything).contains("acme").doesNotContain(secret).doesNotContain(secret.substring(0, 30));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"name":"x"} | #/id
            {"id":"x"} | #/name
            {"id":"with space","name":"x"} | #/id
            {"id":7,"name":"x"} | #/id
            {"id":"x","name":""} | #/name
            {"id":"x","name":"  "} | #/name
            {"id":"x","name":"a\\nb"} | #/name
            {"id":"x","name":"x","tier":"a/b"} | #/tier
            {"id":"x","name":"x","admin":true} | #/admin
            """)
    void aClientThatIsWrongIsRefused(String body, String pointer) {
        Answer answer = create(body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo(pointer);
        assertThat(keysHeld()).isEqualTo(1);
    }

    private Answer create(String body) {
        return api.send(api.request("/v1/clients", RunningApi.ADMIN_KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)).build());
    }

    private long keysHeld() {
        return String.valueOf(space.server().command("KEYS", api.namespace().keys().apiKey("*"))).lines().count();
    }

    /** How many GETs Redis has run. */
    private long gets() {
        return String.valueOf(space.server().command("INFO", "commandstats")).lines().filter(line -> line.startsWith("cmdstat_get:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("cmdstat_get:calls=([0-9]+),.*", "$1"))).sum();
    }
}
