package dev.millrace.ingest.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SeenPlayersTest {
    @Test
    void nobodyWhoWasSeenIsForgotten() {
        SeenPlayers seen = SeenPlayers.none();
        for (int n = 0; n < 5_000; n++) {
            seen = seen.and(List.of("player-" + n));
        }
        SeenPlayers all = SeenPlayers.of(seen.bytes());

        assertThat(IntStream.range(0, 5_000).mapToObj(n -> "player-" + n)).allMatch(all::mayHold);
    }

    @Test
    void hardlyAnyoneIsTakenForSomeoneElse() {
        SeenPlayers hundred = SeenPlayers.none().and(IntStream.range(0, 100).mapToObj(n -> "player-" + n).toList());

        assertThat(IntStream.range(100, 10_100).filter(n -> hundred.mayHold("player-" + n)).count()).isLessThan(100);
        assertThat(SeenPlayers.none().mayHold("player-1")).isFalse();
    }

    @Test
    void addingLeavesWhatWasThereAlone() {
        SeenPlayers none = SeenPlayers.none();

        assertThat(none.and(List.of("ann")).mayHold("ann")).isTrue();
        assertThat(none.mayHold("ann")).isFalse();
    }
}
