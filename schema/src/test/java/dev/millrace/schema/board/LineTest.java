package dev.millrace.schema.board;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class LineTest {
    private static final long LAST_MS = (1L << 48) - 1;

    @Test
    void knowsWhenItsScoreWasReached() {
        assertThat(reached(1_767_225_600_000L)).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(reached(LAST_MS)).isEqualTo(Instant.ofEpochMilli(LAST_MS));
    }

    private static Instant reached(long ms) {
        return new Line("ann", null, "GLOBAL", 5, new StreamId(ms, 7).packed()).achievedAt();
    }
}
