package dev.millrace.schema.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PlayerStateTest {
    private static final PlayerState FULL = new PlayerState(-ScoreData.MAX_SCORE, "EU", "all", 1_767_225_600_000_123L,
            StreamId.parse("1767225600000-4"), StreamId.parse("1767225599000-0"), "Zoë | 🎲 | 7");
    private static final PlayerState NAMELESS = new PlayerState(0, "GLOBAL", PlayerState.ALL_TIME, 1, new StreamId(0, 1),
            new StreamId(0, 1), null);

    @Test
    void writesFormatOneAndNothingElse() {
        assertThat(FULL.pack()).isEqualTo(Golden.line("player-state-v1.txt"));
        assertThat(NAMELESS.pack()).isEqualTo(Golden.line("player-state-v1-without-name.txt"));
    }

    @Test
    void readsFormatOne() throws MalformedEntryException {
        assertThat(PlayerState.unpack(Golden.line("player-state-v1.txt"))).isEqualTo(FULL);
        assertThat(PlayerState.unpack(Golden.line("player-state-v1-without-name.txt"))).isEqualTo(NAMELESS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2|0|GLOBAL|all|1|0-1|0-1|", "|0|GLOBAL|all|1|0-1|0-1|", "", "1", "1|0|GLOBAL|all|1|0-1|0-1"})
    void refusesOtherFormats(String packed) {
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> PlayerState.unpack(packed))
                .withMessage("player state of an unknown format");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1|x|GLOBAL|all|1|0-1|0-1|", "1|9007199254740992|GLOBAL|all|1|0-1|0-1|",
            "1|-9223372036854775808|GLOBAL|all|1|0-1|0-1|",
            "1|0||all|1|0-1|0-1|", "1|0|GLOBAL|a/b|1|0-1|0-1|", "1|0|GLOBAL|all||0-1|0-1|", "1|0|GLOBAL|all|1|0|0-1|",
            "1|0|GLOBAL|all|1|0-1|-|",
            "1|1.7953475656908e+15|GLOBAL|all|1|0-1|0-1|"})
    void refusesPartsThatDoNotRead(String packed) {
        assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(() -> PlayerState.unpack(packed))
                .withMessageStartingWith("player state does not read: ");
    }

    @ParameterizedTest
    @ValueSource(longs = {ScoreData.MAX_SCORE + 1, -ScoreData.MAX_SCORE - 1, Long.MAX_VALUE, Long.MIN_VALUE})
    void refusesScoresThatCanNotBeHeldExactly(long score) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PlayerState(score, "GLOBAL", "all", 1, StreamId.ZERO, StreamId.ZERO, null));
    }

    @Test
    void refusesAnEmptyNameBecauseItWouldReadBackAsNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PlayerState(0, "GLOBAL", "all", 1, StreamId.ZERO, StreamId.ZERO, ""));
    }
}
