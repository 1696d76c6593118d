package dev.millrace.processor.engine;

import java.time.Duration;

/**
 * A lease and the time, by this process's monotonic clock, until which its holder may believe in it. The belief ends no later than the
 * lease itself, since it is counted from before the claim or renewal was sent; a holder that was paused finds it over when it wakes.
 */
public final class Tenure {
    private final Lease lease;
    private volatile long endNanos;

    Tenure(Lease lease, long sentNanos, Duration ttl) {
        this.lease = lease;
        this.endNanos = sentNanos + ttl.toNanos();
    }

    void renewed(long sentNanos, Duration ttl) {
        endNanos = sentNanos + ttl.toNanos();
    }

    /** Ends the belief at once: a renewal was refused. */
    void lost() {
        endNanos = System.nanoTime() - 1;
    }

    /** Whether the time is over. */
    public boolean over() {
        return System.nanoTime() - endNanos >= 0;
    }

    /**
     * The lease, to act under.
     *
     * @throws FencedException if the time is over: another may hold the partition already
     */
    public Lease lease() {
        if (over()) {
            throw new FencedException(lease);
        }
        return lease;
    }

    /** The lease, whether or not its time is over; for scripts that check by themselves. */
    Lease leaseUnchecked() {
        return lease;
    }
}
