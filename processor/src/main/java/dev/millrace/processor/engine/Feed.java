package dev.millrace.processor.engine;

import java.util.function.IntFunction;

/**
 * Which stream of every partition an engine works.
 *
 * @param group consumer group; also the name of the lease and of the member list
 * @param stream key of a partition's stream
 * @param unpersistedMax reading pauses while the partition has this many events that Postgres does not have; 0 for never
 */
public record Feed(String group, IntFunction<String> stream, int unpersistedMax) {}
