package dev.millrace.processor.engine;

/** A step was refused because the partition's lease has passed to another owner or epoch: nothing was written, and the work is theirs. */
public final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FencedException(Lease lease) {
        super("partition " + lease.partition() + " is no longer held in epoch " + lease.epoch());
    }
}
