package dev.millrace.processor.engine;

/** What the members of a group do with the partitions they own. */
public interface PartitionHandler {
    /**
     * Begins with a partition that was just claimed. What earlier work on it kept in memory is void: only the streams and their pending
     * entries count.
     *
     * @param wake ends the worker's rest, from any thread: there is something to do for {@link PartitionWork#step}
     */
    PartitionWork begin(Tenure tenure, Runnable wake);
}
