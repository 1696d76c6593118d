package dev.millrace.schema.change;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.testkit.Golden;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DeadLetterCodecTest {
    private static final StreamId ID = StreamId.parse("1767225600000-9");
    private static final Instant DIED = Instant.ofEpochMilli(1_767_225_605_000L);
    private static final DeadLetter LETTER = new DeadLetter(ID,
            new Event(new Lane("acme", "orders:eu", Priority.LOW), "job.webhook", "{\"url\":\"https://example.org/?a=b\"}", "order-42"),
            "gave up after 2 attempts: \"503\" ≠ 2xx", DIED, 2,
            List.of(new FailedAttempt(Instant.ofEpochMilli(1_767_225_601_000L), "connect timed out"),
                    new FailedAttempt(Instant.ofEpochMilli(1_767_225_604_000L), "\"503\" ≠ 2xx")));

    @Test
    void writesFormatOneAndNothingElse() {
        assertThat(Golden.lines(DeadLetterCodec.encode(LETTER))).isEqualTo(Golden.lines("dead-letter-v1.txt"));
    }

    @Test
    void readsFormatOne() throws MalformedEntryException {
        assertThat(DeadLetterCodec.decode(Golden.fields("dead-letter-v1.txt"))).isEqualTo(LETTER);
    }

    @ParameterizedTest
    @EnumSource
    void readsBackWhateverItsPriority(Priority priority) throws MalformedEntryException {
        DeadLetter letter = new DeadLetter(ID, new Event(new Lane("acme", "acme", priority), "score.add", "{}", null), "why", DIED, 0,
                List.of());
        assertThat(DeadLetterCodec.decode(Golden.fields(DeadLetterCodec.encode(letter)))).isEqualTo(letter);
    }

    @Test
    void keepsTheFieldsOfAnUnreadableEntryAsTheyWereFound() {
        Map<String, byte[]> found = new LinkedHashMap<>();
        found.put("v", "2".getBytes(UTF_8));
        found.put("t", "score.add".getBytes(UTF_8));
        found.put("x", "what only a later release knows".getBytes(UTF_8));
        assertThat(Golden.lines(DeadLetterCodec.encodeUnreadable(ID, Priority.NORMAL, found, "event format 2 is newer than 1", DIED)))
                .isEqualTo(Golden.lines("dead-letter-v1-unreadable.txt"));
    }

    @Test
    void howItDiedIsReadOfAnUnreadableEntryToo() throws MalformedEntryException {
        Death death = DeadLetterCodec.death(Golden.fields("dead-letter-v1-unreadable.txt"));
        assertThat(death).isEqualTo(new Death(ID, Priority.NORMAL, "event format 2 is newer than 1", DIED, 1, List.of()));
    }

    @Test
    void keepsBytesThatAreNoText() {
        byte[] noText = {(byte) 0xFF, 0, (byte) 0xC0, (byte) 0x80};
        List<byte[]> fields = DeadLetterCodec.encodeUnreadable(ID, Priority.NORMAL, Map.of("d", noText), "why", DIED);
        assertThat(Golden.fields(fields).get("d")).isEqualTo(noText);
    }

    @Test
    void anUnreadableEntryStaysUnreadable() {
        assertThatExceptionOfType(MalformedEntryException.class)
                .isThrownBy(() -> DeadLetterCodec.decode(Golden.fields("dead-letter-v1-unreadable.txt")))
                .withMessage("event format 2 is newer than 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v", "t", "c", "l", "d", "e", "p", "w", "a", "n", "h"})
    void refusesAnEntryThatLacksAField(String field) {
        Map<String, byte[]> fields = Golden.fields("dead-letter-v1.txt");
        fields.remove(field);
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> DeadLetterCodec.decode(fields))
                .withMessageContaining(field);
    }

    @ParameterizedTest
    @CsvSource({"e, 5", "p, urgent", "a, yesterday", "n, many", "n, 4294967296", "c, a/b"})
    void refusesAFieldThatDoesNotRead(String field, String value) {
        assertMalformed(field, value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "{}", "5", "[", "[]]", "[[]]", "[5]", "[[5]]", "[[5,\"why\"]", "[[5,\"why\",1]]", "[[\"5\",\"why\"]]",
                    "[[5,null]]", "[[5.5,\"why\"]]"})
    void refusesAHistoryThatIsNone(String json) {
        assertMalformed("h", json);
    }

    private static void assertMalformed(String field, String value) {
        Map<String, byte[]> fields = Golden.fields("dead-letter-v1.txt");
        fields.put(field, value.getBytes(UTF_8));
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> DeadLetterCodec.decode(fields))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
