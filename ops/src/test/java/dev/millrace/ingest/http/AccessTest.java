package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.auth.KeyHash;
import dev.millrace.ingest.auth.Scope;
import dev.millrace.ingest.session.Session;
import dev.millrace.ingest.session.SessionSecrets;
import dev.millrace.ingest.session.Sessions;
import dev.millrace.ingest.token.OwnTokens;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.settings.TokenKey;
import dev.millrace.schema.settings.UserSettings;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation and every kind of caller: who comes in is what the table says, and nothing else. */
@RealRedis
final class AccessTest {
    /**
     * What is answered to: those who are nobody · a key that lacks the scope · another client's key with all scopes, asking for what is not its
     * own · a key with the one scope that it takes · the administrator · a user by a session, asking for what is its own · the
     * same by a token · another user of the client, asking for what is the first one's.
     * {@code in}: past the door, whatever the answer; {@code -}: there is no such caller.
     */
    private static final Map<String, List<String>> TABLE = """
            CREATE_CLIENT        401 -   403 403 in  403 403 403
            GET_CLIENT           401 -   404 in  in  403 403 403
            ROTATE_KEY           401 403 404 in  in  403 403 403
            LIST_KEYS            401 403 404 in  in  403 403 403
            REVOKE_KEY           401 403 404 in  in  403 403 403
            UPDATE_CLIENT        401 403 404 in  in  403 403 403
            REGISTER             in  -   in  in  in  in  in  in
            LOGIN                in  -   in  in  in  in  in  in
            REFRESH              401 -   403 403 403 in  403 in
            LOGOUT               401 -   403 403 403 in  in  in
            GET_SESSION          401 -   403 403 403 in  in  in
            LIST_SESSIONS        401 -   403 403 403 in  in  in
            END_SESSION          401 -   403 403 403 in  in  in
            CHANGE_PASSWORD      401 -   403 403 403 in  in  in
            DELETE_ACCOUNT       401 -   403 403 403 in  in  in
            DELETE_USER          401 403 404 in  in  403 403 403
            POST_EVENT           401 403 in  in  403 in  in  403
            GET_EVENT            401 403 404 in  403 in  in  404
            CANCEL_EVENT         401 403 404 in  403 403 403 403
            POST_SCORE           401 403 in  in  403 in  in  403
            POST_JOB             401 403 in  in  403 403 403 403
            GET_JOB              401 403 404 in  403 403 403 403
            LIST_EVENT_TYPES     401 403 in  in  in  403 403 403
            GET_EVENT_TYPE       401 403 in  in  in  403 403 403
            BOARD_TOP            401 403 in  in  403 in  in  in
            BOARD_RANK           401 403 in  in  403 in  in  in
            BOARD_AROUND         401 403 in  in  403 in  in  in
            BOARD_PLAYER         401 403 in  in  403 in  in  in
            BOARD_PLAYERS        401 403 in  in  403 in  in  in
            BOARD_FRIENDS        401 403 in  in  403 in  in  in
            BOARD_STREAM         401 403 in  in  403 in  in  in
            GET_LANE             401 403 403 in  in  403 403 403
            PAUSE_LANE           401 403 403 in  in  403 403 403
            RESUME_LANE          401 403 403 in  in  403 403 403
            LIST_DEAD_LETTERS    401 403 403 in  in  403 403 403
            REDRIVE_DEAD_LETTERS 401 403 in  in  in  403 403 403
            GET_DEAD_LETTER      401 403 404 in  in  403 403 403
            REDRIVE_DEAD_LETTER  401 403 404 in  in  403 403 403
            DISCARD_DEAD_LETTER  401 403 404 in  in  403 403 403
            GET_PARTITIONS       401 -   403 403 in  403 403 403
            GET_AUDIT            401 403 403 in  in  403 403 403
            GET_BLOCKED          401 -   403 in  in  403 403 403
            GET_REQUESTS         401 -   403 in  in  403 403 403
            LIVENESS             in  -   in  in  in  in  in  in
            READINESS            in  -   in  in  in  in  in  in
            HEALTH               in  -   in  in  in  in  in  in
            OPENAPI              in  -   in  in  in  in  in  in
            DOCS                 in  -   in  in  in  in  in  in
            DOCS_FILE            in  -   in  in  in  in  in  in
            """.lines().map(row -> row.split(" +", -1))
            .collect(Collectors.toMap(row -> row[0], row -> Arrays.asList(row).subList(1, row.length)));
    private static final Map<Operation,
            String> BODIES = Map.of(Operation.POST_SCORE, "{\"player\":\"ann\",\"add\":1}", Operation.POST_EVENT,
                    "{\"type\":\"score.add\",\"data\":{\"player\":\"ann\",\"value\":1}}");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String OTHER = "other";
    private static final String HOUSE = "house";
    private static final int NOBODY = 0;

    private static RunningApi api;
    private static String expired;
    private static String revoked;
    private static String other;
    /** Of the house, and of its player ann. */
    private static String event;
    /** Of the user ann of the house, and good for nothing. */
    private static final Map<String, String> NOBODYS = new HashMap<>();

    @BeforeAll
    static void start(RedisSpace space) {
        space.clear();
        api = RunningApi.start(space);
        other = create(OTHER, EnumSet.allOf(Scope.class));
        expired = create("expired", EnumSet.allOf(Scope.class));
        try (RunningApi hasty = api.another(Map.of("MILLRACE_KEY_GRACE", "1s"))) {
            assertThat(hasty.postAs(RunningApi.ADMIN_KEY, "/v1/clients/expired/keys:rotate").status()).isEqualTo(201);
        }
        await().atMost(LONG).until(() -> api.getAs(expired, "/v1/clients/expired").status() == 401);
        event = posted(create(HOUSE, Scope.BY_DEFAULT));
        forge();
        revoked = create("revoked", EnumSet.allOf(Scope.class));
        String id = api.getAs(revoked, "/v1/clients/revoked/keys").json().at("/items/0/id").stringValue();
        assertThat(api.deleteAs(RunningApi.ADMIN_KEY, "/v1/clients/revoked/keys/" + id).status()).isEqualTo(204);
    }

    private static void forge() {
        UserSettings settings = api.settings().users();
        String namespace = api.namespace().keys().namespace();
        Session session = sessions(settings).begin(HOUSE, "ann", "").session();
        String genuine = tokens(settings, namespace, InstantSource.system()).issue(session).text();
        String[] parts = genuine.split("\\.", -1);
        TokenKey foreign = new TokenKey("foreign", settings.tokenKeys().getFirst().secret());
        NOBODYS.put("a token without a signature", base64("{\"alg\":\"none\",\"typ\":\"at+jwt\"}") + '.' + parts[1] + '.');
        NOBODYS.put("a token that was changed",
                parts[0] + '.' + parts[1] + '.' + parts[2].replaceAll("^.", parts[2].startsWith("A") ? "B" : "A"));
        NOBODYS.put("a token for another audience", tokens(settings, namespace + "2", InstantSource.system()).issue(session).text());
        NOBODYS.put("a token of a key that nobody knows", tokens(new UserSettings(List.of(foreign), settings.tokenTtl(),
                settings.sessionIdle(), settings.sessionMax(), null), namespace, InstantSource.system()).issue(session).text());
        NOBODYS.put("a token past its end",
                tokens(settings, namespace, () -> Instant.now().minus(settings.tokenTtl()).minusSeconds(120)).issue(session).text());
        Sessions brief = sessions(
                new UserSettings(settings.tokenKeys(), settings.tokenTtl(), Duration.ofSeconds(1), Duration.ofSeconds(1), null));
        String ended = brief.begin(HOUSE, "ann", "").secret();
        await().pollDelay(Duration.ofSeconds(1)).atMost(LONG).until(() -> brief.open(ended).isEmpty());
        NOBODYS.put("a session past its end", ended);
        NOBODYS.put("a session that never was", sessions(settings).begin(HOUSE, "ann", "").secret().replaceAll("..$", "zz"));
        NOBODYS.put("nothing", "");
    }

    private static Sessions sessions(UserSettings settings) {
        return new Sessions(api.redis(), api.namespace().keys(), new SessionSecrets(new KeyHash(api.settings().door().keyPepper())),
                settings);
    }

    private static OwnTokens tokens(UserSettings settings, String namespace, InstantSource clock) {
        return new OwnTokens(settings, namespace, clock);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @ParameterizedTest
    @EnumSource
    void nobodyComesInByAKey(Operation operation) {
        for (String key : Arrays.asList(null, "mistyped", "mr_live_0123456789abcdefghijABCDEFGHIJ29Wgyf", expired, revoked)) {
            check(operation, "the key " + key, TABLE.get(operation.name()).get(NOBODY),
                    call(operation, new Credentials(key, null), HOUSE, event));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nobodyComesInByATokenOrASession(Operation operation) {
        for (Map.Entry<String, String> bearer : NOBODYS.entrySet()) {
            check(operation, bearer.getKey(), TABLE.get(operation.name()).get(NOBODY),
                    call(operation, new Credentials(null, bearer.getValue()), HOUSE, event));
        }
    }

    @ParameterizedTest
    @EnumSource
    void usersComeInWhereTheTableSaysSo(Operation operation) {
        List<String> row = TABLE.get(operation.name());
        Sessions sessions = sessions(api.settings().users());
        String bySession = sessions.begin(HOUSE, "ann", "").secret();
        String byToken = tokens(api.settings().users(), api.namespace().keys().namespace(), InstantSource.system())
                .issue(sessions.begin(HOUSE, "ann", "").session()).text();
        String anothers = sessions.begin(HOUSE, "bob", "").secret();

        check(operation, "a user by a session", row.get(5), call(operation, new Credentials(null, bySession), HOUSE, event));
        check(operation, "a user by a token", row.get(6), call(operation, new Credentials(null, byToken), HOUSE, event));
        check(operation, "another user", row.get(7), call(operation, new Credentials(null, anothers), HOUSE, event));
    }

    @ParameterizedTest
    @EnumSource
    void whoComesInIsWhatTheTableSays(Operation operation) {
        List<String> row = TABLE.get(operation.name());
        assertThat(row).as("the row of %s", operation).isNotNull().hasSize(8);
        Set<Scope> needed = operation.access().scope().map(Set::of).orElse(Scope.BY_DEFAULT);
        String client = "c-" + operation.name();
        String right = create(client, needed);
        String its = needed.contains(Scope.EVENTS_WRITE) ? posted(right) : "none";

        if (operation.access().scope().isPresent()) {
            String wrong = rotated(client, EnumSet.complementOf(EnumSet.copyOf(needed)));
            check(operation, "a key without the scope", row.get(1), call(operation, new Credentials(wrong, null), client, its));
        } else {
            assertThat(row.get(1)).isEqualTo("-");
        }
        check(operation, "another client", row.get(2), call(operation, new Credentials(other, null), client, its));
        check(operation, "the administrator", row.get(4), call(operation, new Credentials(RunningApi.ADMIN_KEY, null), client, its));
        check(operation, "a key with the scope", row.get(3), call(operation, new Credentials(right, null), client, its));
    }

    /** What goes into the headers X-Api-Key and Authorization. */
    private record Credentials(@Nullable String key, @Nullable String bearer) {}

    private static void check(Operation operation, String caller, String expected, Answer answer) {
        int status = answer.status();
        String seen = switch (expected) {
            case "in" -> status == 401 || status == 403 || status >= 500 ? Integer.toString(status) : "in";
            default -> Integer.toString(status);
        };
        assertThat(seen).as("%s for %s: %s", operation, caller, answer.problem()).isEqualTo(expected);
        assertThat(answer.header("X-Content-Type-Options")).as("of %s", operation).isEqualTo("nosniff");
        assertThat(answer.header("Content-Security-Policy")).as("of %s", operation).startsWith("default-src '");
    }

    private static Answer call(Operation operation, Credentials credentials, String client, String its) {
        Map<String, String> parameters = Map.of("{id}", operation.path().startsWith("/v1/clients") ? client : its, "{keyId}", "none",
                "{lane}", "ann", "{board}", "main", "{player}", "ann", "{user}", "nobody", "{queue}", "none", "{type}", "score.add",
                "{file}", "start.js");
        String path = operation.path();
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            path = path.replace(parameter.getKey(), parameter.getValue());
        }
        String query = operation.query().contains("client") ? "?client=" + client : "";
        HttpRequest.Builder request = api.request(path + query, credentials.key());
        if (credentials.bearer() != null) {
            request.header("Authorization", "Bearer " + credentials.bearer());
        }
        boolean body = operation.method() != Operation.Method.GET && operation.method() != Operation.Method.DELETE;
        return api.send(body ? request.header("Content-Type", "application/json")
                .method(operation.method().name(), BodyPublishers.ofString(BODIES.getOrDefault(operation, "{}"))).build()
                : request.method(method(operation), BodyPublishers.noBody()).build());
    }

    /** An answer that does not end is asked for without its body. */
    static String method(Operation operation) {
        return operation == Operation.BOARD_STREAM ? "HEAD" : operation.method().name();
    }

    private static String create(String client, Set<Scope> scopes) {
        return key(api.send(json("/v1/clients", RunningApi.ADMIN_KEY,
                "{\"id\":\"" + client + "\",\"name\":\"" + client + "\",\"scopes\":" + words(scopes) + '}')));
    }

    private static String rotated(String client, Set<Scope> scopes) {
        return key(api.send(json("/v1/clients/" + client + "/keys:rotate", RunningApi.ADMIN_KEY, "{\"scopes\":" + words(scopes) + '}')));
    }

    private static String posted(String key) {
        Answer answer = api.send(json("/v1/scores", key, "{\"player\":\"ann\",\"add\":1}"));
        assertThat(answer.status()).isEqualTo(202);
        return answer.json().path("id").stringValue();
    }

    private static HttpRequest json(String path, String key, String body) {
        return api.request(path, key).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build();
    }

    private static String key(Answer answer) {
        assertThat(answer.status()).isEqualTo(201);
        return answer.json().path("apiKey").stringValue();
    }

    private static String words(Set<Scope> scopes) {
        return scopes.stream().map(scope -> '"' + scope.word() + '"').collect(Collectors.joining(",", "[", "]"));
    }
}
