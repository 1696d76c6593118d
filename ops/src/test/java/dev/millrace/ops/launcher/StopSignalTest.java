package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StopSignalTest {
    private final AtomicLong now = new AtomicLong();
    private final List<Integer> halts = new ArrayList<>();
    private final StopSignal stop = new StopSignal(now::get, halts::add);

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
    void aFailureAsksToStopAndSaysWhy() {
        assertThat(stop.failure()).isEmpty();
        stop.fail("Redis is gone");
        stop.fail("Postgres too");
        assertThat(stop.raised()).isTrue();
        assertThat(stop.failure()).contains("Redis is gone");
    }

    @Test
    void aSignalThatComesTwiceAtOnceIsOne() {
        stop.raise("TERM");
        now.addAndGet(Duration.ofMillis(400).toNanos());
        stop.raise("TERM");
        assertThat(halts).isEmpty();
    }

    @Test
    void aLaterSignalEndsAtOnce() {
        stop.raise("INT");
        now.addAndGet(Duration.ofMillis(600).toNanos());
        stop.raise("INT");
        assertThat(halts).containsExactly(143);
    }
}
