package dev.millrace.schema.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.schema.testkit.Golden;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EventCodecTest {
    private static final Event FULL = new Event(new Lane("acme", "player-7", Priority.NORMAL), "score.add",
            new ScoreData("player-7", -250, "ranked:2v2", "EU", "Zoë 🎲 \"The=Bar\" | 7").toJson(), "order-42/ä");
    private static final Event SPARE = new Event(new Lane("acme", "acme", Priority.HIGH), "job.email", "{}", null);
    private static final Event MOVED = SPARE.from(new Origin(StreamId.parse("1767225600000-63936"), true));
    private static final TraceParent TRACE = new TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

    @Test
    void writesFormatOneAndNothingElse() {
        assertThat(EventCodec.VERSION).isEqualTo(1);
        assertThat(Golden.lines(EventCodec.encode(FULL))).isEqualTo(Golden.lines("event-v1.txt"));
        assertThat(Golden.lines(EventCodec.encode(SPARE))).isEqualTo(Golden.lines("event-v1-without-producer-id.txt"));
        assertThat(Golden.lines(EventCodec.encode(SPARE.traced(TRACE)))).isEqualTo(Golden.lines("event-v1-traced.txt"));
        assertThat(Golden.lines(EventCodec.encode(MOVED))).isEqualTo(Golden.lines("event-v1-from-the-schedule.txt"));
    }

    @Test
    void readsFormatOne() throws MalformedEntryException {
        assertThat(EventCodec.decode(Priority.NORMAL, Golden.fields("event-v1.txt"))).isEqualTo(FULL);
        assertThat(EventCodec.decode(Priority.HIGH, Golden.fields("event-v1-without-producer-id.txt"))).isEqualTo(SPARE);
        assertThat(EventCodec.decode(Priority.HIGH, Golden.fields("event-v1-traced.txt"))).isEqualTo(SPARE.traced(TRACE));
        assertThat(EventCodec.decode(Priority.HIGH, Golden.fields("event-v1-from-the-schedule.txt"))).isEqualTo(MOVED);
    }

    @Test
    void aTraceThatDoesNotReadIsNoneAndCostsNoEvent() throws MalformedEntryException {
        assertThat(EventCodec.decode(Priority.NORMAL, changed("s", "00-short")).trace()).isNull();
        assertThat(EventCodec.decode(Priority.NORMAL, changed("s", TRACE.text()))).isEqualTo(FULL.traced(TRACE));
    }

    @ParameterizedTest
    @EnumSource
    void takesThePriorityFromTheStream(Priority priority) throws MalformedEntryException {
        assertThat(EventCodec.decode(priority, Golden.fields("event-v1.txt")).lane()).isEqualTo(new Lane("acme", "player-7", priority));
    }

    @Test
    void isAtHomeWithFieldsThatItDoesNotKnow() throws MalformedEntryException {
        Map<String, byte[]> fields = changed("z", "more");
        assertThat(EventCodec.decode(Priority.NORMAL, fields)).isEqualTo(FULL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "10", "", "one"})
    void refusesOtherFormats(String version) {
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> EventCodec.decode(Priority.NORMAL, changed("v", version)))
                .withMessageStartingWith("event format " + version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v", "t", "c", "l", "d"})
    void refusesAnEntryThatLacksAField(String field) {
        Map<String, byte[]> fields = Golden.fields("event-v1.txt");
        fields.remove(field);
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> EventCodec.decode(Priority.NORMAL, fields))
                .withMessage("event without field " + field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "l"})
    void refusesAnEntryWhoseLaneCanNotBe(String field) {
        for (String name : List.of("", "a/b", "\u00e9")) {
            assertThatExceptionOfType(MalformedEntryException.class)
                    .isThrownBy(() -> EventCodec.decode(Priority.NORMAL, changed(field, name)))
                    .withMessageStartingWith("event with a bad lane: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1-0", "x1-0", "s1"})
    void refusesAnEntryWhoseOriginCanNotBe(String origin) {
        assertThatExceptionOfType(MalformedEntryException.class)
                .isThrownBy(() -> EventCodec.decode(Priority.NORMAL, changed("o", origin)))
                .withMessageStartingWith("event with a bad origin: ");
        assertThat(EventCodec.origin(changed("o", origin))).isEmpty();
    }

    @Test
    void knowsTheOriginOfAnEntryThatItCanNotRead() {
        Map<String, byte[]> fields = changed("v", "2");
        assertThat(EventCodec.origin(fields)).isEmpty();
        fields.put("o", "e5-1".getBytes(UTF_8));
        assertThat(EventCodec.origin(fields)).contains(new Origin(StreamId.parse("5-1"), false));
    }

    @Test
    void knowsTheLaneOfAnEntryThatItCanNotRead() {
        assertThat(EventCodec.lane(Priority.LOW, changed("v", "2"))).contains(new Lane("acme", "player-7", Priority.LOW));
        assertThat(EventCodec.lane(Priority.LOW, changed("c", "a/b"))).isEmpty();
        assertThat(EventCodec.lane(Priority.LOW, changed("l", ""))).isEmpty();
        assertThat(EventCodec.lane(Priority.LOW, Map.of())).isEmpty();
    }

    private static Map<String, byte[]> changed(String field, String value) {
        Map<String, byte[]> fields = new HashMap<>(Golden.fields("event-v1.txt"));
        fields.put(field, value.getBytes(UTF_8));
        return fields;
    }
}
