package dev.millrace.processor.engine;

import java.util.function.IntFunction;

/**
 * Which stream of every partition an engine works.
 *
 * @param group consumer group; also the name of the lease and of the member list
 * @param stream key of a partition's stream
 * @param batchMax entries of a partition that are read and handled at once
 * @param unpersistedMax reading pauses while the partition has this many events that Postgres does not have; 0 for never
 */
public record Feed(String group, IntFunction<String> stream, int batchMax, int unpersistedMax) {}
