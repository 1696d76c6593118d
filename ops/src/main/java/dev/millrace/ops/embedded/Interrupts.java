package dev.millrace.ops.embedded;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Bounded waiting that cuts short when the thread is interrupted and leaves the interrupt flag set for the caller. */
final class Interrupts {
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);

    private Interrupts() {}

    /** Waits for the end of a process; false when time ran out or the thread was interrupted first. */
    static boolean waitFor(Process process, long limitNanos) {
        try {
            return process.waitFor(limitNanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    /** Looks every few milliseconds until the fact holds; false when time ran out or the thread was interrupted first. */
    static boolean waitUntil(BooleanSupplier fact, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!fact.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0 || !pause()) {
                return false;
            }
        }
        return true;
    }

    /** Sleeps for one look; false when the thread was interrupted. */
    static boolean pause() {
        return sleep(LOOK_EVERY);
    }

    /** Sleeps; false when the thread was interrupted. */
    static boolean sleep(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
