package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ingest.RunningApi;
import dev.millrace.ingest.RunningApi.Answer;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.schema.event.Priority;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.http.impl.HttpMessageWriter;
import io.cloudevents.jackson.JsonFormat;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CloudEvents 1.0 as the CloudEvents SDK for Java sends them, and as it would not. */
@RealRedis
final class CloudEventsTest {
    private static final String STRUCTURED = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final RedisSpace space;
    private RunningApi api;

    CloudEventsTest(RedisSpace space) {
        this.space = space;
    }

    @BeforeEach
    void start(@TempDir Path types) throws IOException {
        Files.writeString(types.resolve("order.paid.json"), "{\"type\":\"object\",\"properties\":{\"total\":{\"type\":\"number\"}}}");
        space.clear();
        api = RunningApi.start(space, Map.of("MILLRACE_TYPES", types.toString()), EventHistory.none());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void theSdksEventsAreUnderstoodAndOneInAllThreeModes() {
        CloudEvent event = order("17");

        Answer binary = write(writer -> writer.writeBinary(event));
        Answer structured = write(writer -> writer.writeStructured(event, STRUCTURED));
        Answer batch = batch(event, order("18"));

        assertThat(binary.status()).isEqualTo(202);
        assertThat(binary.header("Idempotency-Replayed")).isEmpty();
        assertThat(structured.status()).isEqualTo(202);
        assertThat(structured.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(structured.json()).isEqualTo(binary.json());
        assertThat(batch.json().at("/items/0/id")).isEqualTo(binary.json().path("id"));
        assertThat(batch.json().at("/items/0/replayed").booleanValue()).isTrue();
        assertThat(batch.json().at("/items/1/status").intValue()).isEqualTo(202);
        assertThat(api.queued()).isEqualTo(2);
        assertThat(entry("order:4711")).contains("order.paid", "{\"total\":12.5,\"name\":\"Zoë\"}", "/shop/a 17", TRACE);
    }

    @Test
    void aScoreIsAnEventLikeAnyOther() {
        CloudEvent event = CloudEventBuilder.v1().withId("m-1").withSource(URI.create("urn:match")).withType("score.add")
                .withData("application/json", "{\"player\":\"ada\",\"value\":5}".getBytes(StandardCharsets.UTF_8)).build();

        Answer answer = write(writer -> writer.writeBinary(event));

        assertThat(answer.json().path("lane").stringValue()).isEqualTo("ada");
        assertThat(entry("ada")).doesNotContain("\ns\n");
    }

    @Test
    void theHeaderTellsTheTraceWhereTheEventDoesNot() {
        Answer answer = api.postOf(STRUCTURED, "/v1/events", BodyPublishers.ofString(event("\"partitionkey\":\"k\"")), "traceparent",
                TRACE);
        assertThat(answer.status()).isEqualTo(202);
        assertThat(entry("k")).contains(TRACE);
        Answer plain = api.post("/v1/events", "{\"type\":\"order.paid\",\"lane\":\"plain\",\"data\":{}}", "traceparent", TRACE);
        assertThat(plain.status()).isEqualTo(202);
        assertThat(entry("plain")).contains(TRACE);
        assertThat(api.post("/v1/events", "{\"type\":\"order.paid\",\"lane\":\"bad\",\"data\":{}}", "traceparent", "00-zz").status())
                .isEqualTo(202);
        assertThat(entry("bad")).doesNotContain("00-zz");
    }

    @Test
    void sourceAndIdAreTheKeyHoweverLongTheyAre() {
        String source = "https://example.org/" + "s".repeat(300);
        String long1 = event("\"id\":\"" + "i".repeat(300) + "\",\"source\":\"" + source + "\"");

        Answer first = structured(long1);
        Answer again = structured(long1);
        Answer other = structured(long1.replace("\"total\":1", "\"total\":2"));
        Answer fromElsewhere = structured(long1.replace(source, source + "2"));

        assertThat(first.status()).isEqualTo(202);
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(other.problem()).isEqualTo("key-reused");
        assertThat(fromElsewhere.status()).isEqualTo(202);
        assertThat(fromElsewhere.header("Idempotency-Replayed")).isEmpty();
        assertThat(api.queued()).isEqualTo(2);
    }

    @Test
    void whatIsUnsetOrUnknownDoesNoHarm() {
        Answer answer = structured(event("\"subject\":null,\"time\":\"2026-03-01T09:30:00.5+01:00\",\"dataschema\":\"urn:x\",\"comacme\":7,"
                + "\"flag\":true,\"datacontenttype\":\"application/vnd.acme+json; v=1\""));

        assertThat(answer.status()).isEqualTo(202);
    }

    @Test
    void dataMayBeBase64() {
        Answer answer = structured(
                event("\"data_base64\":\"eyJ0b3RhbCI6M30=\",\"partitionkey\":\"b\"").replace(",\"data\":{\"total\":1}", ""));
        assertThat(answer.status()).isEqualTo(202);
        assertThat(entry("b")).contains("{\"total\":3}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "id":"" | 422 | #/id
            "id":7 | 422 | #/id
            "source":"" | 422 | #/source
            "source":"a b" | 422 | #/source
            "specversion":"0.3" | 422 | #/specversion
            "specversion":null | 422 | #/specversion
            "type":"nothing" | 422 | #/type
            "type":"" | 422 | #/type
            "subject":"" | 422 | #/subject
            "time":"yesterday" | 422 | #/time
            "dataschema":"relative" | 422 | #/dataschema
            "datacontenttype":"text/xml" | 422 | #/datacontenttype
            "partitionkey":"" | 422 | #/partitionkey
            "partitionkey":"a b" | 422 | #/partitionkey
            "type":"score.add","partitionkey":"a","data":{"player":"a","value":1} | 422 | #/partitionkey
            "Upper":"x" | 422 | #/Upper
            "com_acme":"x" | 422 | #/com_acme
            "comacme":{} | 422 | #/comacme
            "comacme":1.5 | 422 | #/comacme
            "data":{"total":"1"} | 422 | #/data/total
            "data_base64":"e30=" | 422 | #/data_base64
            "data":null | 422 | #/data
            """)
    void whatTheSpecificationForbidsIsRefusedWithItsPlace(String members, int status, String pointer) {
        Answer answer = structured(event(members));

        assertThat(answer.status()).as("%s", new String(answer.response().body(), StandardCharsets.UTF_8)).isEqualTo(status);
        assertThat(answer.json().path("errors").valueStream().map(error -> error.path("pointer").stringValue())).contains(pointer);
        assertThat(api.queued()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"!!!, #/data_base64", "e30, #/data_base64", "bm90IGpzb24=, #/data_base64", "eyJ0b3RhbCI6IjEifQ==, #/data_base64"})
    void base64ThatHoldsNoSuchDataIsRefused(String base64, String pointer) {
        Answer answer = structured(event("\"data_base64\":\"" + base64 + "\"").replace(",\"data\":{\"total\":1}", ""));

        if (base64.equals("e30")) {
            assertThat(answer.status()).as("padding may be left out").isEqualTo(202);
            return;
        }
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo(pointer);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            ce-id, -, 422, ce-id
            ce-id, a%, 400, ce-id
            ce-id, a%C3, 400, ce-id
            ce-id, a%00, 400, ce-id
            ce-specversion, 1.1, 422, ce-specversion
            ce-type, none, 422, ce-type
            ce-source, -, 422, ce-source
            ce-time, now, 422, ce-time
            ce-partitionkey, a/b, 422, ce-partitionkey
            ce-data, x, 400, ce-data
            ce-datacontenttype, application/json, 400, ce-datacontenttype
            """)
    void inBinaryModeTheHeaderIsNamed(String header, String value, int status, String named) {
        Answer answer = binary(header, value, "application/json", "{\"total\":1}");

        assertThat(answer.status()).as("%s", new String(answer.response().body(), StandardCharsets.UTF_8)).isEqualTo(status);
        assertThat(answer.json().at("/errors/0/header").stringValue()).isEqualTo(named);
        assertThat(api.queued()).isZero();
    }

    @Test
    void inBinaryModeTheBodyIsTheData() {
        assertThat(binary("ce-subject", "Zo%C3%AB%20%F0%9F%8E%B2", "application/vnd.acme+json", "{\"total\":1}").status()).isEqualTo(202);
        assertThat(binary("ce-id", "\"quoted\"", "application/json", "{\"total\":1}").status()).isEqualTo(202);
        Answer wrong = binary("ce-id", "x", "application/json", "{\"total\":\"1\"}");
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.json().at("/errors/0/pointer").stringValue()).isEqualTo("#/total");
        assertThat(binary("ce-id", "x", "application/json", "{").status()).isEqualTo(400);
        assertThat(binary("ce-id", "x", "text/plain", "{}").status()).isEqualTo(415);
        assertThat(api.queued()).isEqualTo(2);
    }

    @Test
    void otherFormatsAndKeysAreRefused() {
        assertThat(api.postOf("application/cloudevents+avro", "/v1/events", BodyPublishers.ofString(event(""))).status()).isEqualTo(415);
        Answer keyed = api.postOf(STRUCTURED, "/v1/events", BodyPublishers.ofString(event("")), "Idempotency-Key", "k");
        assertThat(keyed.problem()).isEqualTo("invalid-header");
        assertThat(api.postOf(BATCH, "/v1/events", BodyPublishers.ofString("{}")).status()).isEqualTo(400);
    }

    private static CloudEvent order(String id) {
        return CloudEventBuilder.v1().withId(id).withSource(URI.create("/shop/a")).withType("order.paid")
                .withTime(OffsetDateTime.parse("2026-03-01T09:30:00Z")).withSubject("Zoë's order, \"first\"")
                .withExtension("partitionkey", "order:4711").withExtension("traceparent", TRACE)
                .withData("application/json", "{\"total\":12.5,\"name\":\"Zoë\"}".getBytes(StandardCharsets.UTF_8)).build();
    }

    /** A structured event with some members more, or others. */
    private static String event(String members) {
        StringBuilder event = new StringBuilder("{").append(members);
        for (String member : List.of("\"specversion\":\"1.0\"", "\"id\":\"1\"", "\"source\":\"/s\"", "\"type\":\"order.paid\"",
                "\"data\":{\"total\":1}")) {
            String name = member.substring(0, member.indexOf(':') + 1);
            if (!members.contains(name)) {
                event.append(event.length() == 1 ? "" : ",").append(member);
            }
        }
        return event.append('}').toString();
    }

    private Answer structured(String event) {
        return api.postOf(STRUCTURED, "/v1/events", BodyPublishers.ofString(event));
    }

    private Answer binary(String header, @Nullable String value, String type, String body) {
        Map<String, String> headers = new HashMap<>(
                Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "/s", "ce-type", "order.paid"));
        if (value == null) {
            headers.remove(header);
        } else {
            headers.put(header, value);
        }
        return api.postOf(type, "/v1/events", BodyPublishers.ofString(body),
                headers.entrySet().stream().flatMap(entry -> Stream.of(entry.getKey(), entry.getValue())).toArray(String[]::new));
    }

    private Answer write(Consumer<HttpMessageWriter> writing) {
        HttpRequest.Builder request = api.request("/v1/events", api.key());
        writing.accept(HttpMessageFactory.createWriter((name, value) -> request.header(name, value),
                body -> request.POST(body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))));
        return api.send(request.build());
    }

    private Answer batch(CloudEvent... events) {
        String items = Arrays.stream(events).map(event -> new String(new JsonFormat().serialize(event), StandardCharsets.UTF_8))
                .collect(Collectors.joining(","));
        return api.postOf(BATCH, "/v1/events", BodyPublishers.ofString('[' + items + ']'));
    }

    private String entry(String lane) {
        int partition = api.namespace().partitions().of("acme", lane);
        return String.valueOf(space.server().command("XRANGE", api.namespace().keys().events(partition, Priority.NORMAL), "-", "+"));
    }
}
