package dev.millrace.ops.bench;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * When each of a row of calls is due.
 *
 * @param start when the first is, by {@link System#nanoTime()}
 */
record Pace(long start, double perSecond) {
    static Pace fromNow(double perSecond) {
        return new Pace(System.nanoTime(), perSecond);
    }

    long due(int call) {
        return start + (long) (call * 1e9 / perSecond);
    }

    /** Waits until a call is due, or not at all if it is late. */
    void await(int call) {
        for (long left = due(call) - System.nanoTime(); left > 0; left = due(call) - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("interrupted");
            }
        }
    }

    /** How long ago a call was due, in microseconds: what it took if it is done now, even where it began late. */
    long microsSince(int call) {
        return TimeUnit.NANOSECONDS.toMicros(Math.max(0, System.nanoTime() - due(call)));
    }
}
