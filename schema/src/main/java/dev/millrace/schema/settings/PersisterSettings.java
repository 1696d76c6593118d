package dev.millrace.schema.settings;

/**
 * How the books are written.
 *
 * @param batchMax events a transaction
 * @param historyDaysAhead days for which history partitions are made ahead
 */
public record PersisterSettings(int batchMax, int historyDaysAhead) {}
