package dev.millrace.processor.handler;

import static dev.millrace.processor.handler.ScoreEvents.fields;
import static dev.millrace.processor.handler.ScoreEvents.id;
import static dev.millrace.processor.handler.ScoreEvents.score;
import static dev.millrace.schema.event.ScoreOp.ADD;
import static dev.millrace.schema.event.ScoreOp.SET;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.processor.engine.StreamEntry;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can't be applied becomes a dead letter, and everything around it goes on. */
final class ScoreMachineDeadLetterTest {
    private static final long EPOCH = 1_767_225_600_000_123L;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:01Z");
    private static final PlayerKey ANN = new PlayerKey("acme", "main", "ann");
    private static final String OVERFLOW = "the score would pass 2^53 - 1";

    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void aScoreThatWouldPassItsBoundIsADeadLetter(long sign) throws MalformedEntryException {
        ScoreStep step = step(score(1, SET, "ann", sign * ScoreData.MAX_SCORE), score(2, ADD, "ann", sign), score(3, ADD, "ann", -sign));
        Event event = new Event(new Lane("acme", "ann", Priority.NORMAL), "score.add", "{\"player\":\"ann\",\"value\":" + sign + "}", null);
        assertThat(step.dead()).singleElement().satisfies(dead -> {
            assertThat(dead.indexField()).isEqualTo("normal/" + id(2));
            assertThat(DeadLetterCodec.decode(fields(dead.fields())))
                    .isEqualTo(new DeadLetter(id(2), event, OVERFLOW, NOW, 1, List.of(new FailedAttempt(NOW, OVERFLOW))));
        });
        assertThat(step.change().ended())
                .containsExactly(new EventEnded(id(2), Priority.NORMAL, "acme", "score.add", "ann", Outcome.DEAD, 1, OVERFLOW));
        assertThat(step.change().events()).isEqualTo(3);
        // Those around it are applied, and all three wait no longer.
        assertThat(step.states().get(ANN))
                .isEqualTo(new PlayerState(sign * (ScoreData.MAX_SCORE - 1), "GLOBAL", "all", EPOCH + 1, id(3), id(3), null));
        assertThat(step.change().applied().stream().map(ScoreApplied::id)).containsExactly(id(1), id(3));
        assertThat(step.finished()).containsExactly(id(1), id(2), id(3));
        assertThat(step.depths()).containsOnly(Map.entry("l:acme/ann", 3), Map.entry("c:acme", 3));
    }

    @Test
    void aDeadLetterAloneLeavesItsPlayerAlone() {
        PlayerState full = new PlayerState(ScoreData.MAX_SCORE, "EU", "all", EPOCH, id(1), id(1), "Ann");
        ScoreStep step = ScoreMachine.step(EPOCH, NOW, ScoreMachine.decode(List.of(score(2, ADD, "ann", ScoreData.MAX_SCORE))),
                Map.of(ANN, full));
        assertThat(step.states()).isEmpty();
        assertThat(step.change().players()).isEmpty();
        assertThat(step.change().events()).isEqualTo(1);
        assertThat(step.dead()).hasSize(1);
    }

    @Test
    void anEntryThatWasMovedIsToldOfUnderThePlaceOfItsAcceptance() throws MalformedEntryException {
        Origin origin = new Origin(StreamId.parse("5-1"), true);
        Event score = new Event(new Lane("acme", "ann", Priority.NORMAL), "score.add", "{\"player\":\"ann\",\"value\":1}", null)
                .from(origin);
        Event mail = new Event(new Lane("acme", "mails", Priority.NORMAL), "job.email", "{}", null).from(origin);
        ScoreStep step = step(ScoreEvents.entry(1, score), ScoreEvents.entry(2, mail));
        assertThat(step.change().applied()).singleElement().satisfies(applied -> {
            assertThat(applied.id()).isEqualTo(id(1));
            assertThat(applied.origin()).isEqualTo(origin);
        });
        assertThat(step.change().ended()).singleElement().satisfies(ended -> assertThat(ended.origin()).isEqualTo(origin));
        assertThat(step.dead()).singleElement().satisfies(dead -> {
            assertThat(dead.indexField()).isEqualTo("normal/s5-1");
            assertThat(DeadLetterCodec.decode(fields(dead.fields())).event()).isEqualTo(mail);
        });
    }

    @Test
    void anEventWithoutHandlerIsADeadLetterWithItsHistory() throws MalformedEntryException {
        Event event = new Event(new Lane("acme", "mails", Priority.NORMAL), "job.email", "{\"to\":\"ann\"}", "mail-7");
        ScoreStep step = step(ScoreEvents.entry(1, event), score(2, ADD, "ann", 1));
        String reason = "no handler for events of type job.email";
        assertThat(step.dead()).singleElement().satisfies(dead -> {
            assertThat(dead.indexField()).isEqualTo("normal/" + id(1));
            assertThat(DeadLetterCodec.decode(fields(dead.fields())))
                    .isEqualTo(new DeadLetter(id(1), event, reason, NOW, 1, List.of(new FailedAttempt(NOW, reason))));
        });
        assertThat(step.change().ended())
                .containsExactly(new EventEnded(id(1), Priority.NORMAL, "acme", "job.email", "mails", Outcome.DEAD, 1, reason));
        assertThat(step.finished()).containsExactly(id(1), id(2));
        assertThat(step.depths()).containsOnly(Map.entry("l:acme/mails", 1), Map.entry("l:acme/ann", 1), Map.entry("c:acme", 2));
        assertThat(step.states()).containsOnlyKeys(ANN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "{\"player\":\"ann\"}", "{\"player\":\"ann\",\"value\":\"much\"}", "{\"player\":\"a/b\",\"value\":1}",
                    "{\"player\":\"ann\",\"value\":9007199254740992}", "{\"player\":\"ann\",\"value\":1.5}"})
    void aScoreEventWithBadDataIsADeadLetterWithAReasonOfOneLine(String data) {
        Event event = new Event(new Lane("acme", "ann", Priority.NORMAL), "score.add", data, null);
        ScoreStep step = step(ScoreEvents.entry(1, event), score(2, ADD, "ann", 1));
        assertThat(step.dead()).singleElement().satisfies(dead -> {
            DeadLetter letter = DeadLetterCodec.decode(fields(dead.fields()));
            assertThat(letter.event()).isEqualTo(event);
            assertThat(letter.reason()).startsWith("score data ").doesNotContain("\n");
        });
        assertThat(step.change().ended()).singleElement().extracting(EventEnded::outcome).isEqualTo(Outcome.DEAD);
        assertThat(step.depths()).containsOnly(Map.entry("l:acme/ann", 2), Map.entry("c:acme", 2));
        assertThat(step.states().get(ANN).score()).isEqualTo(1);
    }

    @Test
    void anEntryThatIsNoEventIsKeptAsItWasFound() {
        byte[] noText = {(byte) 0xFF, 0, (byte) 0xC0};
        ScoreStep step = step(new StreamEntry(id(1), Map.of("v", "2".getBytes(UTF_8), "x", noText)), score(2, ADD, "ann", 1));
        assertThat(step.dead()).singleElement().satisfies(dead -> {
            Map<String, byte[]> fields = fields(dead.fields());
            assertThat(dead.indexField()).isEqualTo("normal/" + id(1));
            assertThat(fields).containsOnlyKeys("v", "x", "e", "p", "w", "a", "n", "h").containsEntry("x", noText);
            assertThat(new String(fields.get("w"), UTF_8)).isEqualTo("event format 2 is newer than 1");
            assertThat(new String(fields.get("e"), UTF_8)).isEqualTo(id(1).toString());
        });
        assertThat(step.finished()).containsExactly(id(1), id(2));
        assertThat(step.change().ended()).isEmpty();
        assertThat(step.change().applied().stream().map(ScoreApplied::id)).containsExactly(id(2));
        assertThat(step.depths()).containsOnly(Map.entry("l:acme/ann", 1), Map.entry("c:acme", 1));
    }

    @Test
    void anEntryOfANewerReleaseIsCountedDownInItsLane() {
        Map<String, byte[]> newer = new HashMap<>(score(1, ADD, "ann", 1).fields());
        newer.put("v", "2".getBytes(UTF_8));
        ScoreStep step = step(new StreamEntry(id(1), newer), score(2, ADD, "ann", 1));
        assertThat(step.dead()).hasSize(1);
        assertThat(step.depths()).containsOnly(Map.entry("l:acme/ann", 2), Map.entry("c:acme", 2));
    }

    @Test
    void anEntryWithoutAnyFieldIsADeadLetterToo() {
        ScoreStep step = step(new StreamEntry(id(1), Map.of()));
        assertThat(step.dead()).hasSize(1);
        assertThat(step.change().events()).isZero();
        assertThat(step.finished()).containsExactly(id(1));
        assertThat(step.depths()).isEmpty();
    }

    private static ScoreStep step(StreamEntry... entries) {
        return ScoreMachine.step(EPOCH, NOW, ScoreMachine.decode(List.of(entries)), Map.of());
    }
}
