package dev.millrace.processor.handler;

import static dev.millrace.processor.handler.ScoreEvents.id;
import static dev.millrace.processor.handler.ScoreEvents.score;
import static dev.millrace.schema.event.ScoreOp.ADD;
import static dev.millrace.schema.event.ScoreOp.SET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.processor.engine.lane.LaneEvent;
import dev.millrace.processor.engine.lane.StateHandler.Refused;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.StreamId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can't be applied is refused, and everything around it goes on. */
final class ScoreMachineRefusalTest {
    private static final long EPOCH = 1_767_225_600_000_123L;
    private static final PlayerKey ANN = new PlayerKey("acme", "main", "ann");

    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void aScoreThatWouldPassItsBoundIsRefused(long sign) {
        LaneEvent over = score(2, ADD, "ann", sign);
        ScoreMachine.Step step = step(score(1, SET, "ann", sign * ScoreData.MAX_SCORE), over, score(3, ADD, "ann", -sign));
        assertThat(step.refused()).containsExactly(new Refused(over, "the score would pass 2^53 - 1"));
        assertThat(step.states().get(ANN))
                .isEqualTo(new PlayerState(sign * (ScoreData.MAX_SCORE - 1), "GLOBAL", "all", EPOCH + 1, id(3), id(3), null));
        assertThat(step.applied().stream().map(ScoreApplied::id)).containsExactly(id(1), id(3));
    }

    @Test
    void aRefusalAloneLeavesItsPlayerAlone() {
        PlayerState full = new PlayerState(ScoreData.MAX_SCORE, "EU", "all", EPOCH, id(1), id(1), "Ann");
        ScoreMachine.Step step = ScoreMachine.step(EPOCH, ScoreMachine.decode(List.of(score(2, ADD, "ann", ScoreData.MAX_SCORE))),
                Map.of(ANN, full));
        assertThat(step.states()).isEmpty();
        assertThat(step.players()).isEmpty();
        assertThat(step.applied()).isEmpty();
        assertThat(step.refused()).hasSize(1);
    }

    @Test
    void anEntryThatWasMovedIsToldOfUnderThePlaceOfItsAcceptance() {
        Origin origin = new Origin(StreamId.parse("5-1"), true);
        Event event = new Event(new Lane("acme", "ann", Priority.NORMAL), "score.add", "{\"player\":\"ann\",\"value\":1}", null)
                .from(origin);
        assertThat(step(new LaneEvent(id(1), event)).applied()).singleElement().extracting(ScoreApplied::origin).isEqualTo(origin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "nonsense", "{\"player\":\"ann\"}", "{\"player\":\"ann\",\"value\":\"1\"}"})
    void dataThatDoNotReadAreRefused(String data) {
        Event event = new Event(new Lane("acme", "ann", Priority.NORMAL), "score.add", data, null);
        ScoreMachine.Step step = step(new LaneEvent(id(1), event), score(2, ADD, "ann", 1));
        assertThat(step.refused()).singleElement().satisfies(refused -> {
            assertThat(refused.event().event()).isEqualTo(event);
            assertThat(refused.reason()).startsWith("score data ").doesNotContain("\n");
        });
        assertThat(step.states().get(ANN).score()).isEqualTo(1);
    }

    private static ScoreMachine.Step step(LaneEvent... events) {
        return ScoreMachine.step(EPOCH, ScoreMachine.decode(List.of(events)), Map.of());
    }
}
