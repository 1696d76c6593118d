package dev.millrace.processor.engine;

import java.util.List;

/**
 * What an owner does with the entries of a partition. One thread at a time calls it for one partition, in the order of the stream, and each
 * entry again until it was finished: by a step of the handler's own that is fenced and all or nothing.
 *
 * <p>
 * Any exception makes the engine claim the partition anew and begin with what is unfinished; {@link FencedException} makes it let go.
 */
public interface PartitionHandler {
    /** Called once after each claim, before any entry: mends what a predecessor left half done. */
    void recover(Lease lease);

    /**
     * Works entries that were read and not finished, oldest first, and finishes them.
     *
     * @param batch not empty
     */
    void handle(Lease lease, List<StreamEntry> batch);

    /** Called when the partition has nothing to read, at most once until the next batch: tidies what can wait. */
    void idle(Lease lease);
}
