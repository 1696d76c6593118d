package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Priority;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Many events in one request: each for itself, answered in order. */
@RealRedis
final class BulkPostingTest {
    private static final String NDJSON = "application/x-ndjson";

    private final RedisSpace space;

    @TempDir
    private Path types;

    private RunningApi api;

    BulkPostingTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start() throws IOException {
        Files.writeString(types.resolve("order.paid.json"), "{\"type\":\"object\"}");
        start(Map.of());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private void start(Map<String, String> settings) {
        if (api != null) {
            api.close();
        }
        space.clear();
        Map<String, String> all = new HashMap<>(settings);
        all.put("MILLRACE_TYPES", types.toString());
        api = RunningApi.start(space, all, EventHistory.none());
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", NDJSON})
    void aBadItemDoesNotSinkTheOthers(String type) {
        List<String> items = List.of(score("ada", 1, ""), "{\"type\":\"score.add\"}", "[]", "17", "{\"type\":\"nothing\",\"data\":{}}",
                score("ada", 1, ",\"x\":1"), "{\"type\":\"score.add\",\"data\":" + "[".repeat(60) + "]".repeat(60) + "}",
                score("ada", 1, ",\"id\":\"\\uDEAD\""), score("ada", 1, ",\"id\":\"a\",\"id\":\"a\""), score("bob", 2, ""),
                "{\"type\":\"score.add\",\"data\":{\"player\":\"a\",\"value\":" + "9".repeat(400) + "}}",
                "{\"type\":\"order.paid\",\"data\":{\"x\":\"" + "y".repeat(70_000) + "\"}}", score("cid", 3, ",\"delay\":\"PT1H\""));

        Answer answer = post(type, items);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(statuses(answer)).containsExactly(202, 422, 422, 422, 422, 422, 422, 422, 422, 202, 422, type.equals(NDJSON) ? 413 : 422,
                202);
        assertThat(answer.json().path("items").valueStream().map(item -> item.path("index").intValue()))
                .containsExactlyElementsOf(IntStream.range(0, items.size()).boxed().toList());
        assertThat(answer.json().path("accepted").intValue()).isEqualTo(3);
        assertThat(answer.json().path("rejected").intValue()).isEqualTo(10);
        assertThat(answer.json().path("errors").booleanValue()).isTrue();
        assertThat(answer.json().at("/items/1/problem/errors/0/pointer").stringValue()).isEqualTo("#/data");
        assertThat(answer.json().at("/items/12/runAt").stringValue()).isNotEmpty();
        assertThat(api.queued()).isEqualTo(2);
        JsonNode first = answer.json().path("items").get(0);
        assertThat(api.get("/v1/events/" + first.path("id").stringValue()).json().path("lane").stringValue()).isEqualTo("ada");
        assertThat(api.metrics().get("millrace_events_refused_total").tag("problem", "unknown-event-type").counter().count()).isEqualTo(1);
    }

    @Test
    void linesThatAreNoJsonOrNoUtf8AreBadItemsToo() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(bytes(score("ada", 1, "") + "\r\n"));
        body.write(bytes("{\"type\":\"score.add\",\n"));
        body.write(new byte[]{(byte) 0xC3, '\n'});
        body.write(bytes("\n \t\r\n"));
        body.write(bytes(score("ada", 2, "")));

        Answer answer = api.postOf(NDJSON, "/v1/events", BodyPublishers.ofByteArray(body.toByteArray()));

        assertThat(statuses(answer)).containsExactly(202, 400, 400, 202);
        assertThat(answer.json().at("/items/2/problem/detail").stringValue()).contains("UTF-8");
        assertThat(api.queued()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", NDJSON})
    void nothingIsAnsweredWithNothing(String type) {
        Answer answer = post(type, List.of());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("items")).isEmpty();
        assertThat(answer.json().path("errors").booleanValue()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", NDJSON})
    void aKeyIsAKeyForEachItemWithoutAnIdAndARepeatedRequestAppendsNothing(String type) {
        List<String> items = List.of(score("ada", 1, ""), score("ada", 1, ""), score("ada", 1, ",\"id\":\"own\""), "{}",
                score("ada", 1, ",\"delay\":\"PT1H\""));

        Answer first = post(type, items, "Idempotency-Key", "\"k\"");
        Answer second = post(type, items, "Idempotency-Key", "k");

        assertThat(statuses(first)).containsExactly(202, 202, 202, 422, 202);
        assertThat(statuses(second)).isEqualTo(statuses(first));
        assertThat(ids(second)).isEqualTo(ids(first)).doesNotHaveDuplicates();
        assertThat(first.json().path("items").valueStream().noneMatch(item -> item.has("replayed"))).isTrue();
        assertThat(second.json().path("items").valueStream().filter(item -> item.path("replayed").booleanValue(false))).hasSize(4);
        assertThat(api.queued()).isEqualTo(3);
        assertThat(api.post("/v1/events", score("ada", 1, ""), "Idempotency-Key", "k#1").header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(api.post("/v1/events", score("ada", 1, ""), "Idempotency-Key", "own").header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(statuses(post(type, List.of(score("ada", 2, "")), "Idempotency-Key", "k"))).containsExactly(422);
    }

    @Test
    void onceALaneIsFullItRefusesTheRestAndOthersGoOn() {
        start(Map.of("MILLRACE_LANE_MAX", "3"));
        List<String> items = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            items.add(score("ada", n, ",\"id\":\"a" + n + "\""));
            items.add(score("bob" + n, n, ""));
        }

        Answer answer = post(NDJSON, items);

        assertThat(statuses(answer)).containsExactly(202, 202, 202, 202, 202, 202, 429, 202, 429, 202);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        assertThat(answer.json().at("/items/8/problem/type").stringValue()).endsWith("/lane-full");
        assertThat(api.queued()).isEqualTo(8);
    }

    @Test
    void aRequestOfManyChunksKeepsTheOrderOfEachLane() {
        int count = 10_000;
        List<String> items = IntStream.range(0, count).mapToObj(n -> order("lane" + n % 7, n)).toList();

        Answer answer = post(NDJSON, items);

        assertThat(answer.json().path("accepted").intValue()).isEqualTo(count);
        assertThat(api.queued()).isEqualTo(count);
        for (int lane = 0; lane < 7; lane++) {
            List<Integer> numbers = numbers("lane" + lane);
            assertThat(numbers).isSorted().hasSizeGreaterThan(1_000);
        }
    }

    @Test
    void anAnswerThatIsLongIsSentWhileItGrows() {
        int count = 20_000;
        List<String> items = IntStream.range(0, count).mapToObj(n -> score("p" + n % 50, 1, "")).toList();

        Answer answer = post(NDJSON, items);

        assertThat(answer.header("Content-Length")).isEmpty();
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(ids(answer)).hasSize(count).doesNotHaveDuplicates();
        assertThat(answer.json().path("accepted").intValue()).isEqualTo(count);
    }

    @Test
    void arraysAreBoundedByItemsAndBytes() {
        start(Map.of("MILLRACE_BULK_ITEMS", "2", "MILLRACE_BULK_MAX", "80KiB"));

        assertThat(statuses(post("application/json", List.of(score("a", 1, ""), score("a", 1, ""))))).containsExactly(202, 202);
        refused(post("application/json", List.of(score("a", 1, ""), score("a", 1, ""), score("a", 1, ""))), 413, "too-large");
        String spaces = " ".repeat(90 << 10);
        refused(api.post("/v1/events", '[' + spaces + ']'), 413, "too-large");
        refused(api.post("/v1/events", BodyPublishers.fromPublisher(BodyPublishers.ofString('[' + spaces + ']'))), 413, "too-large");
        assertThat(api.post("/v1/events", '[' + " ".repeat(70 << 10) + ']').status()).as("larger than one event may be").isEqualTo(200);
        refused(api.post("/v1/events", "[" + "[".repeat(2_000) + "]".repeat(2_000) + "]"), 400, "malformed-json");
        assertThat(api.queued()).isEqualTo(2);
    }

    @Test
    void aStreamThatGetsTooLongIsAnsweredForWhatWasAppendedOfIt() {
        start(Map.of("MILLRACE_NDJSON_MAX", "400KiB"));
        List<String> items = IntStream.range(0, 10_000).mapToObj(n -> score("p" + n % 50, 1, "")).toList();

        Answer answer = post(NDJSON, items);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/problem/status").intValue()).isEqualTo(413);
        assertThat(answer.json().path("errors").booleanValue()).isTrue();
        assertThat(answer.json().path("accepted").longValue()).isEqualTo(api.queued()).isPositive();
        assertThat(ids(answer)).hasSize((int) api.queued());
        long before = api.queued();
        refused(api.postOf(NDJSON, "/v1/events", BodyPublishers.ofByteArray(new byte[500 << 10])), 413, "too-large");
        assertThat(api.queued()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not-a-chunk\r\n"})
    void aStreamThatBreaksOffIsAnsweredForWhatWasAppendedOfIt(String end) throws IOException {
        String lines = IntStream.range(0, 5_000).mapToObj(n -> score("p" + n % 50, 1, "") + '\n').collect(Collectors.joining());
        String head = "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + api.key() + "\r\nContent-Type: " + NDJSON
                + "\r\nTransfer-Encoding: chunked\r\n\r\n";
        String answer;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
            socket.getOutputStream().write(bytes(head + Integer.toHexString(lines.length()) + "\r\n" + lines + "\r\n" + end));
            socket.shutdownOutput();
            answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }

        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("\"accepted\":5000,").contains("did not arrive as announced")
                .contains("\"status\":400");
        assertThat(api.queued()).isEqualTo(5_000);
    }

    @Test
    void aStreamOfRefusedLinesIsNotReadToItsEnd() {
        List<String> items = Collections.nCopies(3 * BulkPosting.REFUSED_MAX, "1");

        Answer answer = post(NDJSON, items);

        assertThat(answer.json().at("/problem/status").intValue()).isEqualTo(413);
        assertThat(answer.json().path("rejected").intValue()).isBetween(BulkPosting.REFUSED_MAX, BulkPosting.REFUSED_MAX + 2_048);
        assertThat(answer.json().path("items")).hasSize(answer.json().path("rejected").intValue());
    }

    @Test
    void aLineMayBeAsLongAsALargestEventAndItsEnvelope() {
        String padded = score("ada", 1, "") + " ".repeat(65 << 10);
        int max = (65 << 10);

        Answer answer = post(NDJSON, List.of(padded.substring(0, max), padded.substring(0, max + 1), score("ada", 1, "")));

        assertThat(statuses(answer)).containsExactly(202, 413, 202);
    }

    @Test
    void jobsAndTypesAreThere() throws IOException {
        Files.writeString(types.resolve("job.email.json"), "{\"type\":\"object\",\"required\":[\"to\"]}");
        Files.writeString(types.resolve("job.email.v2.json"), "{\"type\":\"object\",\"required\":[\"recipient\"]}");
        start(Map.of());

        Answer job = api.post("/v1/jobs/email", "{\"data\":{\"to\":\"a@b\"},\"priority\":\"high\",\"delay\":\"PT1H\"}");
        assertThat(job.status()).isEqualTo(202);
        String id = job.json().path("id").stringValue();
        assertThat(api.get("/v1/jobs/email/" + id).json().path("type").stringValue()).isEqualTo("job.email");
        assertThat(api.get("/v1/jobs/email/" + id).json().path("status").stringValue()).isEqualTo("scheduled");
        refused(api.get("/v1/jobs/email.v2/" + id), 404, "not-found");
        refused(api.post("/v1/jobs/email.v2", "{\"data\":{\"to\":\"a@b\"}}"), 422, "invalid-field");
        refused(api.post("/v1/jobs/email", "{\"type\":\"job.email\",\"data\":{\"to\":\"a@b\"}}"), 422, "invalid-field");
        Answer none = api.post("/v1/jobs/fax", "{\"data\":{}}");
        refused(none, 404, "not-found");
        assertThat(none.json().path("detail").stringValue()).isEqualTo("There is no such queue; there are email, email.v2.");

        JsonNode all = api.get("/v1/event-types").json().path("items");
        assertThat(all.valueStream().map(type -> type.path("type").stringValue())).containsExactly("score.set", "score.add", "score.best",
                "job.email", "job.email.v2", "order.paid");
        JsonNode type = api.get("/v1/event-types/job.email.v2").json();
        assertThat(type.path("version").intValue()).isEqualTo(2);
        assertThat(type.at("/schema/required/0").stringValue()).isEqualTo("recipient");
        refused(api.get("/v1/event-types/job.fax"), 404, "not-found");
    }

    private Answer post(String type, List<String> items, String... headers) {
        String body = type.equals(NDJSON) ? String.join("\n", items) + (items.isEmpty() ? "" : "\n") : '[' + String.join(", ", items) + ']';
        // In pieces, so that a line rarely comes whole.
        byte[] bytes = bytes(body);
        BodyPublisher pieces = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] buffer, int from, int length) {
                return super.read(buffer, from, Math.min(length, 4_999));
            }
        });
        return api.postOf(type, "/v1/events", type.equals(NDJSON) ? pieces : BodyPublishers.ofByteArray(bytes), headers);
    }

    private static void refused(Answer answer, int status, String problem) {
        assertThat(answer.status()).as("status, with %s", new String(answer.response().body(), StandardCharsets.UTF_8)).isEqualTo(status);
        assertThat(answer.problem()).isEqualTo(problem);
    }

    private static List<Integer> statuses(Answer answer) {
        return answer.json().path("items").valueStream().map(item -> item.path("status").intValue()).toList();
    }

    private static List<String> ids(Answer answer) {
        return answer.json().path("items").valueStream().filter(item -> item.has("id")).map(item -> item.path("id").stringValue()).toList();
    }

    private List<Integer> numbers(String lane) {
        int partition = api.namespace().partitions().of("acme", lane);
        String entries = String
                .valueOf(space.server().command("XRANGE", api.namespace().keys().events(partition, Priority.NORMAL), "-", "+"));
        List<Integer> numbers = new ArrayList<>();
        Matcher matcher = Pattern.compile("\"lane\":\"" + lane + "\",\"n\":(\\d+)").matcher(entries);
        while (matcher.find()) {
            numbers.add(Integer.parseInt(matcher.group(1)));
        }
        return numbers;
    }

    private static String order(String lane, int n) {
        return "{\"type\":\"order.paid\",\"lane\":\"" + lane + "\",\"data\":{\"lane\":\"" + lane + "\",\"n\":" + n + "}}";
    }

    private static String score(String player, int value, String more) {
        return "{\"type\":\"score.add\",\"data\":{\"player\":\"" + player + "\",\"value\":" + value + "}" + more + "}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
