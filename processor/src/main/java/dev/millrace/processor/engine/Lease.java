package dev.millrace.processor.engine;

/**
 * The right to work a partition. Every script of its holder carries owner and epoch and is refused once another has claimed.
 *
 * @param partition which
 * @param owner the member that holds it
 * @param epoch grows with every claim of the partition
 */
public record Lease(int partition, String owner, long epoch) {}
