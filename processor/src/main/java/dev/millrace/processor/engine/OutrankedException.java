package dev.millrace.processor.engine;

/** Something outside the partition has seen a higher epoch than the lease knows, after a failover for instance: claim above it. */
public final class OutrankedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long epoch;

    public OutrankedException(Lease lease, long epoch) {
        super("partition " + lease.partition() + " is in epoch " + lease.epoch() + ", but epoch " + epoch + " was seen");
        this.epoch = epoch;
    }

    /** The highest epoch seen. */
    public long epoch() {
        return epoch;
    }
}
