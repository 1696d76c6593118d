package dev.millrace.processor.engine.lane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TurnTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:01Z");
    private static final Lane MAILS = new Lane("acme", "mails", Priority.NORMAL);
    private static final Lane URGENT = new Lane("acme", "mails", Priority.HIGH);

    private final Turn turn = new Turn(7, NOW);

    @Test
    void whatIsDoneIsFinishedCountedDownAndTold() {
        turn.completed(event(1, MAILS, null), 3);

        assertThat(turn.finished(Priority.NORMAL)).containsExactly(id(1));
        assertThat(turn.finished(Priority.HIGH)).isEmpty();
        assertThat(turn.depths()).containsOnly(Map.entry("l:acme/mails", 1), Map.entry("c:acme", 1));
        assertThat(turn.change(StateHandler.Step.NOTHING).ended())
                .containsExactly(new EventEnded(id(1), Priority.NORMAL, "acme", "job.mail", "mails", Outcome.COMPLETED, 3, null));
        assertThat(turn.letters()).isEmpty();
        assertThat(turn.completed()).isEqualTo(1);
    }

    @Test
    void lanesOfEqualNamesAndOtherPriorityAreCountedApart() {
        turn.finish(event(1, MAILS, null));
        turn.finish(event(1, URGENT, null));
        turn.finish(event(2, URGENT, null));

        assertThat(turn.depths()).containsOnly(Map.entry("l:acme/mails", 1), Map.entry("l:high/acme/mails", 2), Map.entry("c:acme", 3));
        assertThat(turn.finished(Priority.HIGH)).containsExactly(id(1), id(2));
    }

    @Test
    void whatIsGivenUpBecomesADeadLetterWithItsHistory() throws Exception {
        List<FailedAttempt> errors = List.of(new FailedAttempt(NOW.minusSeconds(1), "no"), new FailedAttempt(NOW, "still no"));
        LaneEvent event = event(2, URGENT, null);
        turn.bury(event, "gave up", 2, errors, true);

        assertThat(turn.letters()).singleElement().satisfies(letter -> {
            assertThat(letter.indexField()).isEqualTo("high/" + id(2));
            assertThat(DeadLetterCodec.decode(fields(letter.fields())))
                    .isEqualTo(new DeadLetter(id(2), event.event(), "gave up", NOW, 2, errors));
        });
        assertThat(turn.finished(Priority.HIGH)).containsExactly(id(2));
        assertThat(turn.change(StateHandler.Step.NOTHING).ended())
                .containsExactly(new EventEnded(id(2), Priority.HIGH, "acme", "job.mail", "mails", Outcome.DEAD, 2, "gave up"));
    }

    @Test
    void aDeadLetterThatHoldsItsLaneLeavesTheEventUnfinished() {
        turn.bury(event(2, MAILS, null), "gave up", 2, List.of(), false);

        assertThat(turn.letters()).hasSize(1);
        assertThat(turn.finished(Priority.NORMAL)).isEmpty();
        assertThat(turn.depths()).isEmpty();
        assertThat(turn.change(StateHandler.Step.NOTHING).events()).isZero();
    }

    @Test
    void anEntryThatWasMovedIsKnownByWhereItWasAccepted() {
        Origin origin = new Origin(StreamId.parse("5-1"), true);
        turn.bury(event(2, MAILS, origin), "gave up", 1, List.of(), true);

        assertThat(turn.letters()).singleElement().extracting(Turn.Letter::indexField).isEqualTo("normal/s5-1");
        assertThat(turn.movedGone()).containsExactly("s5-1");
        assertThat(turn.change(StateHandler.Step.NOTHING).ended()).singleElement().extracting(EventEnded::origin).isEqualTo(origin);
    }

    @Test
    void anEntryThatIsNoEventIsKeptAsItWasFound() {
        byte[] noText = {(byte) 0xFF, 0, (byte) 0xC0};
        turn.buryUnreadable(Priority.NORMAL, id(1), Map.of("v", "2".getBytes(UTF_8), "x", noText), "event format 2 is newer than 1");

        assertThat(turn.letters()).singleElement().satisfies(letter -> {
            Map<String, byte[]> fields = fields(letter.fields());
            assertThat(letter.indexField()).isEqualTo("normal/" + id(1));
            assertThat(fields).containsOnlyKeys("v", "x", "e", "p", "w", "a", "n", "h").containsEntry("x", noText);
            assertThat(new String(fields.get("w"), UTF_8)).isEqualTo("event format 2 is newer than 1");
            assertThat(new String(fields.get("e"), UTF_8)).isEqualTo(id(1).toString());
        });
        assertThat(turn.finished(Priority.NORMAL)).containsExactly(id(1));
        assertThat(turn.depths()).isEmpty();
    }

    @Test
    void anEntryOfANewerReleaseIsCountedDownInItsLane() {
        Map<String, byte[]> newer = fields(EventCodec.encode(event(1, MAILS, null).event()));
        newer.put("v", "2".getBytes(UTF_8));
        turn.buryUnreadable(Priority.NORMAL, id(1), newer, "newer");

        assertThat(turn.depths()).containsOnly(Map.entry("l:acme/mails", 1), Map.entry("c:acme", 1));
    }

    @Test
    void whatIsNotedLastOfALaneCounts() {
        turn.note(MAILS, Tries.none(id(1)));
        turn.forgetTries(MAILS);
        turn.forgetTries(URGENT);
        turn.note(URGENT, Tries.none(id(2)));

        assertThat(turn.triesGone()).containsExactly("normal/acme/mails");
        assertThat(turn.tries()).containsOnlyKeys("high/acme/mails");
    }

    private static StreamId id(int seq) {
        return new StreamId(1_767_225_600_000L, seq);
    }

    private static LaneEvent event(int seq, Lane lane, Origin origin) {
        Event event = new Event(lane, "job.mail", "{}", null);
        return new LaneEvent(id(seq), origin == null ? event : event.from(origin));
    }

    private static Map<String, byte[]> fields(List<byte[]> encoded) {
        Map<String, byte[]> fields = new HashMap<>();
        for (int i = 0; i < encoded.size(); i += 2) {
            fields.put(new String(encoded.get(i), UTF_8), encoded.get(i + 1));
        }
        return fields;
    }
}
