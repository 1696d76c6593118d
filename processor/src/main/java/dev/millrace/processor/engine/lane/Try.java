package dev.millrace.processor.engine.lane;

import dev.millrace.processor.effect.Outcome;
import dev.millrace.schema.event.Lane;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One try of one event, from when it begins until somebody has noted how it ended. */
final class Try {
    private final LaneEvent event;
    private final int attempt;
    private final boolean alone;
    private final Instant begunAt;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Outcome outcome;
    private volatile boolean overdue;
    private volatile boolean abandoned;
    private final AtomicBoolean givenUp = new AtomicBoolean();

    Try(LaneEvent event, int attempt, boolean alone, Instant begunAt) {
        this.event = event;
        this.attempt = attempt;
        this.alone = alone;
        this.begunAt = begunAt;
    }

    LaneEvent event() {
        return event;
    }

    Lane lane() {
        return event.event().lane();
    }

    int attempt() {
        return attempt;
    }

    boolean alone() {
        return alone;
    }

    Instant begunAt() {
        return begunAt;
    }

    void runsOn(Thread its) {
        thread = its;
    }

    /** Asks it to end because its time is over. */
    void expire() {
        overdue = true;
        interrupt();
    }

    private void interrupt() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** Asks it to end, however it does. */
    void abandon() {
        abandoned = true;
        interrupt();
    }

    boolean isAbandoned() {
        return abandoned;
    }

    boolean isOverdue() {
        return overdue;
    }

    /** Nobody waits for its end any more, because it has come or should have come long ago; true the first time. */
    boolean giveUp() {
        return givenUp.compareAndSet(false, true);
    }

    boolean isGivenUp() {
        return givenUp.get();
    }

    void ended(Outcome how) {
        outcome = how;
    }

    /**
     * How it ended.
     *
     * @throws IllegalStateException if it has not
     */
    Outcome howItEnded() {
        Outcome how = outcome;
        if (how == null) {
            throw new IllegalStateException("the try has not ended");
        }
        return how;
    }

    /** How it ended, null while it has not. */
    @Nullable Outcome outcome() {
        return outcome;
    }
}
