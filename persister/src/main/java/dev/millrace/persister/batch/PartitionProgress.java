package dev.millrace.persister.batch;

import dev.millrace.schema.event.StreamId;

/**
 * How far the books have got in a partition.
 *
 * @param changeId the last change whose rows are written
 * @param version the highest version among the written changes
 */
public record PartitionProgress(int partition, StreamId changeId, long version) {

    /**
     * Whether the change is in the books for certain. Its id alone does not say so: a Redis that took over with a clock behind that of its
     * predecessor hands out ids anew, and changes under such ids carry a higher epoch than any that was written.
     */
    boolean covers(ChangeEntry entry) {
        return entry.id().compareTo(changeId) <= 0 && entry.version() <= version;
    }

    PartitionProgress with(ChangeEntry entry) {
        StreamId highest = entry.id().compareTo(changeId) > 0 ? entry.id() : changeId;
        return new PartitionProgress(partition, highest, Math.max(version, entry.version()));
    }
}
