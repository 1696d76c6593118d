package dev.millrace.ops.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When a number of things got done.
 *
 * @param begin the last moment at which none was done
 * @param end the first at which all were, both by {@link System#nanoTime()}
 */
record Progress(long begin, long end) {
    private static final Duration LOOK_EVERY = Duration.ofNanos(200_000);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * Waits until all are done.
     *
     * @throws MismatchException if more than all are done, or nothing for half a minute
     */
    static Progress await(String what, long all, LongSupplier done) throws InterruptedException {
        long begin = System.nanoTime();
        long seen = 0;
        long moved = begin;
        while (true) {
            long now = done.getAsLong();
            long time = System.nanoTime();
            if (now > all) {
                throw new MismatchException(what + ": " + now + ", more than the " + all + " that were sent");
            }
            if (now == all) {
                return new Progress(begin, time);
            }
            if (now == 0) {
                begin = time;
            }
            if (now != seen) {
                seen = now;
                moved = time;
            } else if (time - moved > PATIENCE.toNanos()) {
                throw new MismatchException(what + ": " + now + " of " + all + ", and none for " + PATIENCE.toSeconds() + " s");
            }
            TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
        }
    }

    double perSecond(long count) {
        return perSecond(count, end - begin);
    }

    static double perSecond(long count, long nanos) {
        return count * 1e9 / Math.max(1, nanos);
    }
}
