package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What must not come in: each is refused with its problem and place, and no stream has an entry after it. */
@RealRedis
final class MalformedBodiesTest {
    private static final String EVENT = "{\"type\":\"score.add\",\"data\":{\"player\":\"a\",\"value\":1}}";

    private static RunningApi api;

    @BeforeAll
    static void aGoodBodyIsTaken(RedisSpace space, @TempDir Path types) throws IOException {
        Files.writeString(types.resolve("order.paid.json"), "{\"type\":\"object\",\"properties\":{\"total\":{\"type\":\"number\"}}}");
        api = RunningApi.start(space, Map.of("MILLRACE_TYPES", types.toString()), EventHistory.none());
        assertThat(api.post("/v1/events", EVENT).status()).isEqualTo(202);
        assertThat(api.queued()).isEqualTo(1);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `` | 400 | malformed-json |
            `   ` | 400 | malformed-json |
            nonsense | 400 | malformed-json | #
            {"type":"score.add","data":{"player":"a","value":1} | 400 | malformed-json | #/data
            {"type":"score.add","data":{"player":"a","value":1}}} | 400 | malformed-json | #
            {"type":"score.add","data":{"player":"a","value":1}} {} | 400 | malformed-json |
            {"type":"score.add","data":{"player":"a","value":NaN}} | 400 | malformed-json | #/data/value
            {"type":"score.add","data":{"player":"a","value":-Infinity}} | 400 | malformed-json | #/data/value
            {"type":"score.add","data":{"player":"a","value":01}} | 400 | malformed-json | #/data/value
            {"type":"score.add","data":{"player":"a","value":1,}} | 400 | malformed-json | #/data/value
            {'type':'score.add'} | 400 | malformed-json | #
            [{"type":"score.add","data":{"player":"a","value":1}} | 400 | malformed-json |
            [{"type":"score.add","data":{"player":"a","value":1}}] [] | 400 | malformed-json |
            [{"type":"score.add","data":{"player":"a","value":1}},] | 400 | malformed-json |
            "score.add" | 422 | invalid-field | #
            null | 422 | invalid-field | #
            {"data":{"player":"a","value":1}} | 422 | invalid-field | #/type
            {"type":"score.add"} | 422 | invalid-field | #/data
            {"type":"score.add","data":{"player":"a"}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"value":1}} | 422 | invalid-field | #/data/player
            {"type":"score.remove","data":{"player":"a","value":1}} | 422 | unknown-event-type | #/type
            {"type":"score.add","data":{"player":"a","value":1},"lanes":"x"} | 422 | invalid-field | #/lanes
            {"type":"score.add","data":{"player":"a","value":1,"points":1}} | 422 | invalid-field | #/data/points
            {"type":"score.add","data":{"player":"a","value":"1"}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"player":"a","value":null}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"player":"a","value":1.5}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"player":"a","value":1.0}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"player":"a","value":1e400}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"player":"a","value":9007199254740992}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"player":"a","value":-9223372036854775808}} | 422 | invalid-field | #/data/value
            {"type":"score.add","data":{"player":"a\\u0000","value":1}} | 422 | invalid-field | #/data/player
            {"type":"score.add","data":{"player":"a","value":1,"name":"\\uDEAD"}} | 422 | invalid-field | #/data/name
            {"type":"score.add","data":{"player":"a","value":1,"x\\u0000":1}} | 422 | invalid-field | #/data/x%00
            {"type":"score.add","data":{"player":"a","value":1,"value":2}} | 422 | invalid-field | #/data/value
            {"type":"score.add","type":"score.set","data":{"player":"a","value":1}} | 422 | invalid-field | #/type
            {"type":"score.add","data":{"player":"with space","value":1}} | 422 | invalid-field | #/data/player
            {"type":"score.add","data":{"player":"a","value":1,"board":""}} | 422 | invalid-field | #/data/board
            {"type":"score.add","data":{"player":"a","value":1,"region":"EU/West"}} | 422 | invalid-field | #/data/region
            {"type":"score.add","data":{"player":"a","value":1},"lane":"x"} | 422 | invalid-field | #/lane
            {"type":"score.add","data":{"player":"a","value":1},"priority":"high"} | 422 | invalid-field | #/priority
            {"type":"score.add","data":{"player":"a","value":1},"runAt":"soon"} | 422 | invalid-field | #/runAt
            {"type":"score.add","data":{"player":"a","value":1},"runAt":1893456000} | 422 | invalid-field | #/runAt
            {"type":"score.add","data":{"player":"a","value":1},"runAt":"9999-01-01T00:00:00Z"} | 422 | invalid-field | #/runAt
            {"type":"score.add","data":{"player":"a","value":1},"delay":5} | 422 | invalid-field | #/delay
            {"type":"score.add","data":{"player":"a","value":1},"delay":"-PT5S"} | 422 | invalid-field | #/delay
            {"type":"score.add","data":{"player":"a","value":1},"delay":"P91D"} | 422 | invalid-field | #/delay
            {"type":"score.add","data":{"player":"a","value":1},"delay":"PT5S","runAt":"2030-01-01T00:00:00Z"} | 422 | invalid-field | #/delay
            {"type":"order.paid","data":{"total":1},"lane":"a/b"} | 422 | invalid-field | #/lane
            {"type":"order.paid","data":{"total":1},"lane":null} | 422 | invalid-field | #/lane
            {"type":"order.paid","data":{"total":1},"priority":"urgent"} | 422 | invalid-field | #/priority
            {"type":"order.paid","data":{"total":1},"priority":0} | 422 | invalid-field | #/priority
            {"type":"order.paid","data":{"total":"1"}} | 422 | invalid-field | #/data/total
            {"type":"order.paid","data":{"total":1},"runAt":"2030-02-30T00:00:00Z"} | 422 | invalid-field | #/runAt
            {"type":"score.add","data":{"player":"a","value":1},"id":""} | 422 | invalid-field | #/id
            """)
    void anEventThatIsWrong(String body, int status, String problem, String pointer) {
        refused(api.post("/v1/events", body == null ? "" : body), status, problem, pointer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"player":"a"} | 422 | invalid-field | #
            {"player":"a","add":1,"set":2} | 422 | invalid-field | #/set
            {"add":1} | 422 | invalid-field | #/player
            {"player":"a","add":1.5} | 422 | invalid-field | #/add
            {"player":"a","best":1e2} | 422 | invalid-field | #/best
            {"player":"a","add":1,"lane":"a"} | 422 | invalid-field | #/lane
            {"player":"a","add":1,"delay":"PT5S"} | 422 | invalid-field | #/delay
            {"player":"a","add":1,"id":"x"} | 422 | invalid-field | #/id
            {"player":"a","add":1 | 400 | malformed-json | #/add
            [{"player":"a","add":1}] | 422 | invalid-field | #
            """)
    void aScoreThatIsWrong(String body, int status, String problem, String pointer) {
        refused(api.post("/v1/scores", body), status, problem, pointer);
    }

    static List<Arguments> bytes() {
        Function<String, byte[]> utf8 = text -> text.getBytes(StandardCharsets.UTF_8);
        return List.of(
                Arguments.of("two hundred levels",
                        utf8.apply("{\"type\":\"score.add\",\"data\":" + "[".repeat(200) + "]".repeat(200) + "}"),
                        422, "invalid-field"),
                Arguments.of("bad UTF-8", EVENT.replace("\"a\"", "\"\u00e4\"").getBytes(StandardCharsets.ISO_8859_1), 400,
                        "malformed-json"),
                Arguments.of("UTF-16", EVENT.getBytes(StandardCharsets.UTF_16), 400, "malformed-json"),
                Arguments.of("UTF-32", EVENT.getBytes(Charset.forName("UTF-32BE")), 400, "malformed-json"),
                Arguments.of("a zero byte", utf8.apply(EVENT + '\0'), 400, "malformed-json"),
                Arguments.of("a long number", utf8.apply(EVENT.replace(":1}", ':' + "9".repeat(5_000) + '}')), 422, "invalid-field"),
                Arguments.of("a long name", utf8.apply(EVENT.replace("player", "p".repeat(5_000))), 422, "invalid-field"),
                Arguments.of("a long string", utf8.apply(EVENT.replace("\"a\"", '"' + "a".repeat(60_000) + '"')), 422, "invalid-field"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bytes")
    void bytesThatAreWrong(String what, byte[] body, int status, String problem) {
        refused(api.post("/v1/events", BodyPublishers.ofByteArray(body)), status, problem, null);
    }

    @Test
    void aBodyThatIsTooLargeWhetherOrNotItSaysSo() {
        byte[] large = new byte[4 << 20];
        Arrays.fill(large, (byte) ' ');

        refused(api.post("/v1/events", BodyPublishers.ofByteArray(large)), 413, "too-large", null);
        refused(api.post("/v1/events", BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(large))), 413, "too-large", null);
    }

    @ParameterizedTest
    @CsvSource({"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/problem+json", "*/*"})
    void aBodyOfAnotherType(String type) {
        refused(api.send(api.request("/v1/events", api.key()).header("Content-Type", type).POST(BodyPublishers.ofString(EVENT)).build()),
                415,
                "unsupported-media-type", null);
    }

    @Test
    void aBodyOfNoTypeOrEncoded() {
        refused(api.send(api.request("/v1/events", api.key()).POST(BodyPublishers.ofString(EVENT)).build()), 415, "unsupported-media-type",
                null);
        Answer encoded = api.post("/v1/events", EVENT, "Content-Encoding", "br");
        refused(encoded, 415, "unsupported-media-type", null);
        assertThat(encoded.header("Accept-Encoding")).isEqualTo("gzip, zstd");
        refused(api.post("/v1/events", EVENT, "Content-Encoding", "gzip, gzip"), 415, "unsupported-media-type", null);
    }

    @Test
    void aBodyWithoutAKey() {
        refused(api.send(
                api.request("/v1/events", null).header("Content-Type", "application/json").POST(BodyPublishers.ofString(EVENT)).build()),
                401, "unauthenticated", null);
    }

    @Test
    void aBodyFromTheAdministrator() {
        refused(api.send(api.request("/v1/events", RunningApi.ADMIN_KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(EVENT)).build()), 403, "forbidden", null);
    }

    private static void refused(Answer answer, int status, String problem, String pointer) {
        assertThat(answer.status()).as("status, with %s", new String(answer.response().body(), StandardCharsets.UTF_8)).isEqualTo(status);
        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(answer.json().path("status").intValue()).isEqualTo(status);
        if (pointer != null) {
            assertThat(answer.json().path("errors").valueStream().map(error -> error.path("pointer").stringValue())).contains(pointer);
        }
        assertThat(api.queued()).isEqualTo(1);
        for (int partition = 0; partition < api.namespace().partitions().count(); partition++) {
            assertThat(api.redis().hgetall(api.namespace().keys().scheduledPayloads(partition))).isEmpty();
        }
    }
}
