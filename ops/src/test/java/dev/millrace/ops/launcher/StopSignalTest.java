package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StopSignalTest {
    private final List<Integer> halts = new ArrayList<>();
    private final StopSignal stop = new StopSignal(halts::add);

    @Test
    @Timeout(10)
    void theFirstSignalAsksToStop() {
        assertThat(stop.raised()).isFalse();
        stop.raise("TERM");
        stop.await();
        assertThat(stop.raised()).isTrue();
        assertThat(halts).isEmpty();
    }

    @Test
    void theSecondSignalEndsAtOnce() {
        stop.raise("INT");
        stop.raise("INT");
        assertThat(halts).containsExactly(143);
    }
}
