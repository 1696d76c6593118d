package dev.millrace.schema.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.Tries.State;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TriesCodecTest {
    private static final Instant NOW = Instant.ofEpochMilli(1_795_000_000_000L);
    private static final StreamId HEAD = new StreamId(1_795_000_000_000L, 7);

    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        Tries tries = new Tries(HEAD, 2, 1, 3, State.SUSPECT, NOW.plusSeconds(5), List.of(new FailedAttempt(NOW, "a | b \" \n é")));

        assertThat(TriesCodec.decode(TriesCodec.encode(tries))).isEqualTo(tries);
    }

    @Test
    void theDataOfAnEditedEventStaysWithItHoweverItFares() throws Exception {
        Tries tries = Tries.edited(HEAD, "{\"n\":\"[7|| é\"}").failed(NOW, "no | way", NOW).in(State.ALONE, NOW).cutOff(NOW, 1);

        assertThat(tries.edited()).isEqualTo("{\"n\":\"[7|| é\"}");
        assertThat(TriesCodec.decode(TriesCodec.encode(tries))).isEqualTo(tries);
        assertThat(TriesCodec.encode(Tries.edited(HEAD, "{}"))).isEqualTo("2|1795000000000-7|0|0|0|RETRYING|0|2|{}[]");
    }

    @Test
    void theFormIsTheOneThatIsDocumented() {
        assertThat(TriesCodec.encode(Tries.none(HEAD).failed(NOW, "no", NOW.plusMillis(1))))
                .isEqualTo("1|1795000000000-7|1|0|0|RETRYING|1795000000001|[[1795000000000,\"no\"]]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1|1-1|0|0|0|RETRYING|0", "3|1-1|0|0|0|RETRYING|0|[]", "2|1-1|0|0|0|RETRYING|0|[]",
            "2|1-1|0|0|0|RETRYING|0|9|{}[]", "1|1-1|x|0|0|RETRYING|0|[]", "1|1-1|0|0|0|GONE|0|[]",
            "1|1-1|0|0|0|RETRYING|0|[[1]]"})
    void anotherFormIsRefused(String text) {
        assertThatThrownBy(() -> TriesCodec.decode(text)).isInstanceOf(MalformedEntryException.class);
    }

    @Test
    void onlyTheLastErrorsAreKeptAndLongOnesAreCut() {
        Tries tries = Tries.none(HEAD);
        for (int i = 0; i < Tries.ERRORS_MAX + 5; i++) {
            tries = tries.failed(NOW.plusSeconds(i), "e".repeat(10_000), NOW);
        }

        assertThat(tries.failures()).isEqualTo(Tries.ERRORS_MAX + 5);
        assertThat(tries.errors()).hasSize(Tries.ERRORS_MAX).first()
                .satisfies(first -> assertThat(first.at()).isEqualTo(NOW.plusSeconds(5)))
                .satisfies(first -> assertThat(first.error()).hasSize(Tries.ERROR_LENGTH + 1));
    }

    @Test
    void onlyTheEndOfAProcessThatDidNothingElseIsACrash() {
        Tries together = Tries.none(HEAD).cutOff(NOW, 1);
        Tries alone = together.in(State.ALONE, NOW).cutOff(NOW, 1);

        assertThat(together).extracting(Tries::crashes, Tries::interruptions, Tries::state).containsExactly(0, 1, State.SUSPECT);
        assertThat(alone).extracting(Tries::crashes, Tries::interruptions, Tries::state).containsExactly(1, 1, State.SUSPECT);
        assertThat(alone.ended()).isEqualTo(2);
    }
}
