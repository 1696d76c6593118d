package dev.millrace.processor.handler;

import static dev.millrace.processor.handler.ScoreEvents.id;
import static dev.millrace.processor.handler.ScoreEvents.score;
import static dev.millrace.schema.event.ScoreOp.ADD;
import static dev.millrace.schema.event.ScoreOp.BEST;
import static dev.millrace.schema.event.ScoreOp.SET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.processor.engine.lane.LaneEvent;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ScoreMachineTest {
    private static final long EPOCH = 1_767_225_600_000_123L;
    private static final PlayerKey ANN = new PlayerKey("acme", "main", "ann");
    private static final PlayerKey BOB = new PlayerKey("acme", "main", "bob");

    @ParameterizedTest
    @EnumSource
    void theFirstEventOfAPlayerGivesTheScore(ScoreOp op) {
        ScoreMachine.Step step = step(Map.of(), score(1, op, "ann", -5));
        PlayerState state = new PlayerState(-5, "GLOBAL", "all", EPOCH, id(1), id(1), null);
        assertThat(step.states()).containsExactlyEntriesOf(Map.of(ANN, state));
        assertThat(step.players()).containsExactly(new PlayerChange(ANN, state, null));
        assertThat(step.applied()).containsExactly(new ScoreApplied(id(1), ANN, "all", "GLOBAL", op, -5, -5, EPOCH));
        assertThat(step.refused()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"SET, 3, 3", "SET, -3, -3", "SET, 10, 10", "ADD, 3, 13", "ADD, -13, -3", "ADD, 0, 10", "BEST, 3, 10", "BEST, 10, 10",
            "BEST, 11, 11",
            "SET, 9007199254740991, 9007199254740991", "ADD, 9007199254740981, 9007199254740991",
            "ADD, -9007199254740991, -9007199254740981"})
    void aLaterEventDoesWhatItsOperationSays(ScoreOp op, long value, long expected) {
        ScoreMachine.Step step = step(Map.of(ANN, state(10)), score(5, op, "ann", value));
        assertThat(step.states().get(ANN).score()).isEqualTo(expected);
        assertThat(step.applied()).singleElement()
                .satisfies(applied -> assertThat(List.of(applied.amount(), applied.score())).containsExactly(value, expected));
    }

    @Test
    void bestKeepsANegativeScoreThatIsBetter() {
        assertThat(step(Map.of(ANN, state(-10)), score(5, BEST, "ann", -20)).states().get(ANN).score()).isEqualTo(-10);
        assertThat(step(Map.of(ANN, state(-10)), score(5, BEST, "ann", -5)).states().get(ANN).score()).isEqualTo(-5);
    }

    @Test
    void eventsOfABatchBuildOnEachOther() {
        ScoreMachine.Step step = step(Map.of(), score(1, SET, "ann", 10), score(2, ADD, "bob", 1), score(3, ADD, "ann", 5),
                score(4, BEST, "ann", 12),
                score(5, ADD, "bob", 1));
        assertThat(step.states().keySet()).containsExactly(ANN, BOB);
        assertThat(step.states().get(ANN)).isEqualTo(new PlayerState(15, "GLOBAL", "all", EPOCH + 2, id(4), id(3), null));
        assertThat(step.states().get(BOB)).isEqualTo(new PlayerState(2, "GLOBAL", "all", EPOCH + 1, id(5), id(5), null));
        assertThat(step.applied().stream().map(ScoreApplied::score)).containsExactly(10L, 1L, 15L, 15L, 2L);
        assertThat(step.players().stream().map(PlayerChange::key)).containsExactly(ANN, BOB);
    }

    @ParameterizedTest
    @CsvSource({"SET, 10", "ADD, 0", "BEST, 10", "BEST, 3"})
    void aScoreThatStaysEqualKeepsItsPlaceAmongEquals(ScoreOp op, long value) {
        PlayerState was = state(10);
        PlayerState now = step(Map.of(ANN, was), score(5, op, "ann", value)).states().get(ANN);
        assertThat(now.achieved()).isEqualTo(was.achieved());
        assertThat(now.lastApplied()).isEqualTo(id(5));
        assertThat(now.version()).isGreaterThan(was.version());
    }

    @Test
    void aScoreThatChangesAndComesBackIsReachedAnew() {
        PlayerState now = step(Map.of(ANN, state(10)), score(5, ADD, "ann", 1), score(6, ADD, "ann", -1)).states().get(ANN);
        assertThat(now.score()).isEqualTo(10);
        assertThat(now.achieved()).isEqualTo(id(6));
    }

    @Test
    void theVersionGrowsByOneAndIsNeverBelowTheEpoch() {
        PlayerState old = new PlayerState(1, "GLOBAL", "all", EPOCH - 10, id(1), id(1), null);
        assertThat(step(Map.of(ANN, old), score(5, ADD, "ann", 1)).states().get(ANN).version()).isEqualTo(EPOCH);
        PlayerState justBelow = new PlayerState(1, "GLOBAL", "all", EPOCH - 1, id(1), id(1), null);
        assertThat(step(Map.of(ANN, justBelow), score(5, ADD, "ann", 1)).states().get(ANN).version()).isEqualTo(EPOCH);
        PlayerState ahead = new PlayerState(1, "GLOBAL", "all", EPOCH + 7, id(1), id(1), null);
        ScoreMachine.Step step = step(Map.of(ANN, ahead), score(5, ADD, "ann", 1), score(6, ADD, "ann", 1));
        assertThat(step.states().get(ANN).version()).isEqualTo(EPOCH + 9);
        assertThat(step.applied().stream().map(ScoreApplied::version)).containsExactly(EPOCH + 8, EPOCH + 9);
    }

    @Test
    void anEventThatHadItsEffectBeforeHasNoneAgain() {
        ScoreMachine.Step first = step(Map.of(), score(1, ADD, "ann", 5), score(2, ADD, "ann", 6));
        ScoreMachine.Step again = step(first.states(), score(1, ADD, "ann", 5), score(2, ADD, "ann", 6));
        assertThat(again.states()).isEmpty();
        assertThat(again.applied()).isEmpty();
        assertThat(again.players()).isEmpty();
        assertThat(again.refused()).isEmpty();
    }

    @Test
    void anEventThatComesTwiceInABatchHasItsEffectOnce() {
        ScoreMachine.Step step = step(Map.of(), score(1, ADD, "ann", 5), score(1, ADD, "ann", 5), score(2, ADD, "ann", 6));
        assertThat(step.states().get(ANN).score()).isEqualTo(11);
        assertThat(step.applied()).hasSize(2);
    }

    @Test
    void aNameStaysUntilAnEventSaysAnother() {
        PlayerState named = step(Map.of(), score(1, SET, data("ann", "EU", "Ann"))).states().get(ANN);
        assertThat(named.name()).isEqualTo("Ann");
        PlayerState still = step(Map.of(ANN, named), score(2, ADD, data("ann", "EU", null))).states().get(ANN);
        assertThat(still.name()).isEqualTo("Ann");
        PlayerState renamed = step(Map.of(ANN, still), score(3, ADD, data("ann", "EU", "Ann | II"))).states().get(ANN);
        assertThat(renamed.name()).isEqualTo("Ann | II");
    }

    @Test
    void theRegionIsTheLastEventsAndTheOneBeforeTheBatchIsTold() {
        ScoreMachine.Step first = step(Map.of(), score(1, SET, data("ann", "EU", null)), score(2, ADD, data("ann", "US", null)));
        assertThat(first.states().get(ANN).region()).isEqualTo("US");
        assertThat(first.players()).singleElement().extracting(PlayerChange::previousRegion).isNull();
        assertThat(first.applied().stream().map(ScoreApplied::region)).containsExactly("EU", "US");

        ScoreMachine.Step second = step(first.states(), score(3, ADD, data("ann", "ASIA", null)), score(4, ADD, "ann", 1));
        assertThat(second.states().get(ANN).region()).isEqualTo("GLOBAL");
        assertThat(second.players()).singleElement().extracting(PlayerChange::previousRegion).isEqualTo("US");
    }

    @Test
    void boardsAndClientsAreApart() {
        PlayerKey duel = new PlayerKey("acme", "duel", "ann");
        PlayerKey globex = new PlayerKey("globex", "main", "ann");
        ScoreData onDuel = new ScoreData("ann", 7, "duel", "GLOBAL", null);
        Event ofGlobex = new Event(new Lane("globex", "ann", Priority.NORMAL), "score.add",
                new ScoreData("ann", 9, "main", "GLOBAL", null).toJson(), null);
        ScoreMachine.Step step = step(Map.of(), score(1, ADD, "ann", 5), score(2, ADD, onDuel), ScoreEvents.event(3, ofGlobex));
        assertThat(step.states().keySet()).containsExactly(ANN, duel, globex);
        assertThat(step.states().values().stream().map(PlayerState::score)).containsExactly(5L, 7L, 9L);
    }

    @Test
    void thePlayersWhoseStatesAreNeededAreKnownFromTheBatch() {
        ScoreMachine.Decoded decoded = ScoreMachine
                .decode(List.of(score(1, ADD, "bob", 1), score(2, ADD, "ann", 1), score(3, ADD, "bob", 1),
                        ScoreEvents.event(4, new Event(new Lane("acme", "cid", Priority.NORMAL), "score.add", "{}", null))));
        assertThat(decoded.players()).containsExactly(BOB, ANN);
    }

    @Test
    void aBatchLeavesTheStatesBeforeItAlone() {
        Map<PlayerKey, PlayerState> before = Map.of(ANN, state(10));
        step(before, score(5, ADD, "ann", 1));
        assertThat(before).isEqualTo(Map.of(ANN, state(10)));
    }

    private static PlayerState state(long score) {
        return new PlayerState(score, "GLOBAL", "all", EPOCH - 100, id(2), id(1), null);
    }

    private static ScoreData data(String player, String region, String name) {
        return new ScoreData(player, 1, "main", region, name);
    }

    private static ScoreMachine.Step step(Map<PlayerKey, PlayerState> before, LaneEvent... entries) {
        return ScoreMachine.step(EPOCH, ScoreMachine.decode(List.of(entries)), before);
    }
}
