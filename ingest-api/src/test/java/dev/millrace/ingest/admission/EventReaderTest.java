package dev.millrace.ingest.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventTypes;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.settings.AdmissionSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class EventReaderTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final AdmissionSettings SETTINGS = new AdmissionSettings(100, 10, 50, 100, Duration.ofDays(90), Duration.ofHours(1), 200,
            2_048);
    private static final Map<String, String> TYPES = types();
    private static final Sender ACME = new Sender("acme", null, null, null, Priority.NORMAL);

    private final StrictJson json = new StrictJson(65_536);
    private final EventReader reader = new EventReader(TYPES, SETTINGS, InstantSource.fixed(NOW));

    private static Map<String, String> types() {
        Map<String, String> types = EventTypes.with(null);
        types.put("order.paid", "{\"type\":\"object\",\"required\":[\"total\"],\"properties\":{\"total\":{\"type\":\"number\"}}}");
        return types;
    }

    @Test
    void anEventIsReadWithItsPlayerAsLane() throws Exception {
        Event event = event(
                """
                {"type": "score.add", "id": "m-1", "data": {"player": "alice", "value": 15, "board": "duel", "region": "EU", "name": "Alice W."}}""");

        assertThat(event.lane()).isEqualTo(new Lane("acme", "alice", Priority.NORMAL));
        assertThat(event.type()).isEqualTo("score.add");
        assertThat(event.producerId()).isEqualTo("m-1");
        assertThat(ScoreData.parse(event.data())).isEqualTo(new ScoreData("alice", 15, "duel", "EU", "Alice W."));
    }

    @Test
    void dataIsStoredInOneForm() {
        Event spaced = event("""
                { "data" : { "value" : -3 , "player" : "bob", "board": "main", "region": "GLOBAL" } , "type" : "score.set" }""");

        assertThat(spaced.data()).isEqualTo("{\"player\":\"bob\",\"value\":-3}");
        assertThat(spaced.producerId()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"add,score.add", "set,score.set", "best,score.best"})
    void aScoreIsTheShortFormOfItsEvent(String op, String type) {
        Event score = score("{\"player\":\"alice\",\"region\":\"EU\",\"" + op + "\":7}");

        assertThat(score).isEqualTo(event("{\"type\":\"" + type + "\",\"data\":{\"player\":\"alice\",\"value\":7,\"region\":\"EU\"}}"));
    }

    @Test
    void anEffectEventIsOnItsClientsLaneUnlessItNamesOne() {
        assertThat(event("{\"type\":\"order.paid\",\"data\":{\"total\":1.5}}").lane())
                .isEqualTo(new Lane("acme", "acme", Priority.NORMAL));
        assertThat(event("{\"type\":\"order.paid\",\"lane\":\"order:7\",\"priority\":\"low\",\"data\":{\"total\":1.5}}").lane())
                .isEqualTo(new Lane("acme", "order:7", Priority.LOW));
    }

    @Test
    void dataOfAnEffectEventIsKeptWithoutSpaces() {
        assertThat(event("{\"type\":\"order.paid\",\"data\":{ \"total\" : 3 , \"b\":[ 1.50 , null, \"\\u00e4\" ]}}").data())
                .isEqualTo("{\"total\":3,\"b\":[1.5,null,\"ä\"]}");
    }

    @Test
    void dataThatWouldBeStoredTooLargeIsRefused() {
        String numbers = "1e9,".repeat(400);
        assertThat(refused("{\"type\":\"order.paid\",\"data\":{\"total\":1,\"n\":[" + numbers + "1]}}", true).type())
                .isEqualTo(ProblemType.TOO_LARGE);
    }

    @ParameterizedTest
    @CsvSource({"2030-01-01T00:00:00Z", "2026-03-01T12:00:00.001+00:00", "2026-03-02t00:00:00z", "2026-03-01T13:00:00+02:00"})
    void anEventMayBeDueAtATime(String time) {
        assertThat(roomy("\"runAt\":\"" + time + '"')).isEqualTo(new Due.At(OffsetDateTime.parse(time).toInstant()));
    }

    @ParameterizedTest
    @CsvSource({"PT5S", "P90D", "PT0.25S", "P1DT2H3M4.5S", "PT1M"})
    void anEventMayBeDueInAWhile(String delay) {
        assertThat(roomy("\"delay\":\"" + delay + '"')).isEqualTo(new Due.In(Duration.parse(delay)));
    }

    @Test
    void anEventThatIsDueInNoTimeIsAnyOther() {
        assertThat(roomy("\"delay\":\"PT0S\"")).isNull();
    }

    @Test
    void nothingFallsDueAMomentEarly() {
        assertThat(new Due.At(Instant.ofEpochSecond(1, 1)).millis()).isEqualTo(1_001);
        assertThat(new Due.At(Instant.ofEpochSecond(1)).millis()).isEqualTo(1_000);
        assertThat(new Due.In(Duration.ofNanos(1)).millis()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "runAt":"tomorrow" | #/runAt
            "runAt":"" | #/runAt
            "runAt":"2030-01-01" | #/runAt
            "runAt":"2030-01-01T00:00Z" | #/runAt
            "runAt":"2030-01-01T00:00:00" | #/runAt
            "runAt":"2030-02-30T00:00:00Z" | #/runAt
            "runAt":"2030-01-01T00:00:60Z" | #/runAt
            "runAt":"2030-01-01T00:00:00+25:00" | #/runAt
            "runAt":"+2030-01-01T00:00:00Z" | #/runAt
            "runAt":1893456000 | #/runAt
            "runAt":null | #/runAt
            "runAt":"2026-05-30T12:00:00.001Z" | #/runAt
            "runAt":"9999-12-31T23:59:59Z" | #/runAt
            "delay":5 | #/delay
            "delay":"5" | #/delay
            "delay":"5s" | #/delay
            "delay":"" | #/delay
            "delay":"P" | #/delay
            "delay":"PT" | #/delay
            "delay":"P1DT" | #/delay
            "delay":"-PT5S" | #/delay
            "delay":"PT-5S" | #/delay
            "delay":"P1M" | #/delay
            "delay":"P1W" | #/delay
            "delay":"PT1.5M" | #/delay
            "delay":"P90DT0.001S" | #/delay
            "delay":"P999999999D" | #/delay
            "delay":"PT999999999999S" | #/delay
            "runAt":"2026-03-01T12:00:01Z","delay":"PT1S" | #/runAt #/delay
            "priority":"urgent" | #/priority
            "priority":"HIGH" | #/priority
            "priority":1 | #/priority
            "lane":"a b" | #/lane
            "lane":"" | #/lane
            "lane":7 | #/lane
            """)
    void anEffectEventThatIsWrongIsRefusedWithItsPlaces(String members, String pointers) {
        Problem problem = refused("{\"type\":\"order.paid\",\"data\":{\"total\":1}," + members + '}', true);

        assertThat(problem.type()).isEqualTo(ProblemType.INVALID_FIELD);
        assertThat(problem.errors()).extracting(InputError::name).containsExactlyInAnyOrder(pointers.split(" ", -1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"type": | is no JSON Schema
            [] | is no JSON Schema
            {"type":"objekt"} | is no JSON Schema
            {"type":"object","properties":[]} | is no JSON Schema
            {"type":"object","type":"string"} | is no JSON Schema
            {"type":"object"} true | is no JSON Schema
            {"type":"string","pattern":"("} | is no JSON Schema
            {"$ref":"#/nowhere"} | is no JSON Schema
            {"$ref":"https://example.org/else.json"} | is no JSON Schema
            {"$schema":"http://json-schema.org/draft-07/schema#"} | $schema must be
            """)
    void aSchemaThatIsNoneIsNotedInOneLine(String schema, String words) {
        assertThatIllegalStateException()
                .isThrownBy(() -> new EventReader(Map.of("order.paid", schema), SETTINGS, InstantSource.system()))
                .withMessageStartingWith("the schema of event type order.paid is no JSON Schema of draft 2020-12: ")
                .withMessageContaining(words)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    private @Nullable Due roomy(String member) {
        AdmissionSettings roomy = new AdmissionSettings(100, 10, 50, 100, Duration.ofDays(3_650), Duration.ofHours(1), 200, 2_048);
        return new EventReader(TYPES, roomy, InstantSource.fixed(NOW))
                .event(ACME, object("{\"type\":\"score.add\",\"data\":{\"player\":\"a\",\"value\":1}," + member + '}')).due();
    }

    @Test
    void theKeyIsTheIdWhereTheEventHasNone() {
        Sender keyed = ACME.under("k-1");
        assertThat(reader.score(keyed, object("{\"player\":\"a\",\"add\":1}")).event().producerId()).isEqualTo("k-1");
        ObjectNode event = object("{\"type\":\"score.add\",\"id\":\"k-1\",\"data\":{\"player\":\"a\",\"value\":1}}");
        assertThat(reader.event(keyed, event).event().producerId()).isEqualTo("k-1");
    }

    @Test
    void anIdThatIsNotTheKeyIsRefused() {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> reader.event(ACME.under("two"),
                object("{\"type\":\"score.add\",\"id\":\"one\",\"data\":{\"player\":\"a\",\"value\":1}}"))).problem();

        assertThat(problem.type()).isEqualTo(ProblemType.INVALID_FIELD);
        assertThat(problem.errors()).extracting(InputError::name).containsExactly("#/id");
    }

    @Test
    void theBoundsOfValuesAreInside() {
        assertThat(score("{\"player\":\"a\",\"set\":9007199254740991}").data()).contains(":9007199254740991");
        assertThat(score("{\"player\":\"a\",\"set\":-9007199254740991}").data()).contains(":-9007199254740991");
        assertThat(score("{\"player\":\"a\",\"set\":-0}").data()).contains(":0");
    }

    @Test
    void namesAreCountedInCodePoints() {
        String longest = "\uD83D\uDE00".repeat(128);
        assertThat(score("{\"player\":\"a\",\"set\":1,\"name\":\"" + longest + "\"}").data()).contains(longest);
        assertThat(refused("{\"player\":\"a\",\"set\":1,\"name\":\"" + longest + "x\"}", false).errors()).extracting(InputError::name)
                .containsExactly("#/name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [] | INVALID_FIELD | #
            "text" | INVALID_FIELD | #
            {} | INVALID_FIELD | #/type #/data
            {"type":"score.add"} | INVALID_FIELD | #/data
            {"type":7,"data":{"player":"a","value":1}} | INVALID_FIELD | #/type
            {"type":"","data":{"player":"a","value":1}} | INVALID_FIELD | #/type
            {"type":"score.sub","data":{"player":"a","value":1}} | UNKNOWN_EVENT_TYPE | #/type
            {"type":"job.email","data":{}} | UNKNOWN_EVENT_TYPE | #/type
            {"type":"score.add","data":null} | INVALID_FIELD | #/data
            {"type":"score.add","data":[1]} | INVALID_FIELD | #/data
            {"type":"score.add","data":{"player":"a"}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"value":1}} | INVALID_FIELD | #/data/player
            {"type":"score.add","data":{"player":"a","value":"1"}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":true}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":1.5}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":1.0}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":1e2}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":1e400}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":9007199254740992}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":-9007199254740992}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"a","value":123456789012345678901234567890}} | INVALID_FIELD | #/data/value
            {"type":"score.add","data":{"player":"","value":1}} | INVALID_FIELD | #/data/player
            {"type":"score.add","data":{"player":"a b","value":1}} | INVALID_FIELD | #/data/player
            {"type":"score.add","data":{"player":"a\\n","value":1}} | INVALID_FIELD | #/data/player
            {"type":"score.add","data":{"player":"a/b","value":1}} | INVALID_FIELD | #/data/player
            {"type":"score.add","data":{"player":"a","value":1,"board":"x y"}} | INVALID_FIELD | #/data/board
            {"type":"score.add","data":{"player":"a","value":1,"region":null}} | INVALID_FIELD | #/data/region
            {"type":"score.add","data":{"player":"a","value":1,"name":""}} | INVALID_FIELD | #/data/name
            {"type":"score.add","data":{"player":"a","value":1,"name":"a\\u0007"}} | INVALID_FIELD | #/data/name
            {"type":"score.add","data":{"player":"a","value":1,"team":"x"}} | INVALID_FIELD | #/data/team
            {"type":"score.add","data":{"player":"a","value":1},"tipe":"x"} | INVALID_FIELD | #/tipe
            {"type":"score.add","data":{"player":"a","value":1},"lane":"x"} | INVALID_FIELD | #/lane
            {"type":"score.add","data":{"player":"a","value":1},"priority":"high"} | INVALID_FIELD | #/priority
            {"type":"score.add","data":{"player":"a","value":1},"id":""} | INVALID_FIELD | #/id
            {"type":"score.add","data":{"player":"a","value":1},"id":7} | INVALID_FIELD | #/id
            {"type":"score.add","data":{"player":"a","value":1},"id":"ü"} | INVALID_FIELD | #/id
            {"type":"score.add","data":{"player":"a b","value":1.5,"x":1}} | INVALID_FIELD | #/data/player #/data/value #/data/x
            """)
    void anEventThatIsWrongIsRefusedWithItsPlaces(String body, ProblemType type, String pointers) {
        Problem problem = refused(body, true);

        assertThat(problem.type()).isEqualTo(type);
        assertThat(problem.errors()).extracting(InputError::name).containsExactlyInAnyOrder(pointers.split(" ", -1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"add":1} | #/player
            {"player":"a"} | #
            {"player":"a","add":1,"set":2} | #/add #/set
            {"player":"a","add":1,"set":2,"best":3} | #/add #/set #/best
            {"player":"a","value":1} | #/value #
            {"player":"a","add":1,"value":1} | #/value
            {"player":"a","add":"1"} | #/add
            {"player":"a","best":1.0} | #/best
            {"player":"a","best":9007199254740992} | #/best
            {"player":"a b","add":1} | #/player
            {"player":"a","add":1,"board":""} | #/board
            {"player":"a","add":1,"lane":"x"} | #/lane
            {"player":"a","add":1,"priority":"low"} | #/priority
            {"player":"a","add":1,"id":"x"} | #/id
            {"player":"a","add":1,"extra/~ü":1} | #/extra~1~0%C3%BC
            """)
    void aScoreThatIsWrongIsRefusedWithThePlacesThatWereWritten(String body, String pointers) {
        Problem problem = refused(body, false);

        assertThat(problem.type()).isEqualTo(ProblemType.INVALID_FIELD);
        assertThat(problem.errors()).extracting(InputError::name).containsExactlyInAnyOrder(pointers.split(" ", -1));
    }

    @Test
    void aBodyOfManyErrorsIsAnsweredWithAFew() {
        StringBuilder body = new StringBuilder("{\"player\":\"a\",\"add\":1");
        for (int i = 0; i < 500; i++) {
            body.append(",\"x").append(i).append("\":1");
        }

        List<InputError> errors = refused(body.append('}').toString(), false).errors();

        assertThat(errors).hasSize(20);
    }

    private Problem refused(String body, boolean event) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class,
                () -> assertThat(event ? event(body) : score(body)).isNull());
        assertThat(refusal).as("refusal of %s", body).isNotNull();
        return refusal.problem();
    }

    private Event event(String body) {
        return reader.event(ACME, object(body)).event();
    }

    private Event score(String body) {
        return reader.score(ACME, object(body)).event();
    }

    private ObjectNode object(String text) {
        return json.readObject(text.getBytes(StandardCharsets.UTF_8));
    }
}
