package dev.millrace.ingest.admission;

import java.time.Duration;
import java.time.InstantSource;

/**
 * Which dedupe window Redis is in. Time is cut into windows by Redis's clock, and a script's keys must be named before it runs, so this side
 * has to guess the window's number; a wrong guess is answered with Redis's time, which corrects the next ones.
 */
final class DedupeWindows {
    private final long lengthMs;
    private final InstantSource clock;
    private volatile long aheadMs;

    DedupeWindows(Duration length, InstantSource clock) {
        this.lengthMs = length.toMillis();
        this.clock = clock;
    }

    long lengthMs() {
        return lengthMs;
    }

    /** The number of the window that Redis should be in. */
    long current() {
        return (clock.millis() + aheadMs) / lengthMs;
    }

    /** Takes Redis's time for the truth. */
    void correct(long redisMs) {
        aheadMs = redisMs - clock.millis();
    }
}
