package dev.millrace.processor.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The work on one partition under one lease. One thread at a time calls it. It gets the entries of each stream in the stream's order, and
 * each entry again, in a new work, until it was finished: by a step of its own that is fenced and all or nothing.
 *
 * <p>
 * Any exception makes the engine claim the partition anew and begin with what is unfinished; {@link FencedException} makes it let go.
 */
public interface PartitionWork {
    /** Called once, before any entry: mends what a predecessor left half done. */
    void recover();

    /** Called once, when everything was taken that had been appended until then. */
    default void caughtUp() {}

    /**
     * Takes entries that were read, or found unfinished, oldest first.
     *
     * @param entries not empty
     */
    void take(List<StreamEntry> entries);

    /**
     * Does what can be done now with what was taken.
     *
     * @param begin whether anything may begin that can be under way for long
     * @return how long nothing else is due, unless entries arrive or the worker is woken; empty if nothing is
     */
    Optional<Duration> step(boolean begin);

    /** Called by other threads: something may have changed that no stream shows, and {@link #step} had better look. */
    default void look() {}

    /** Called when the partition has had nothing to read for a moment: tidies what can wait. */
    void idle();

    /** Whether something is under way that should end, and be noted by {@link #step}, before the lease is given back; not what does not end in time. */
    boolean busy();

    /**
     * Called last.
     *
     * @param lost whether the partition is another's from now on: what is still under way had better stop
     */
    void end(boolean lost);
}
