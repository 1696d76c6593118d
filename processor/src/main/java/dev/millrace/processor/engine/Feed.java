package dev.millrace.processor.engine;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Which streams of every partition an engine works.
 *
 * @param group consumer group; also the name of the lease and of the member list
 * @param streams keys of a partition's streams, the same number for each, all in one slot
 * @param weights for each stream its share of a read when all of them are full, above 0
 * @param batchMax entries of a partition that are read at once
 * @param unpersistedMax reading pauses while the partition has this many events that Postgres does not have; 0 for never
 */
public record Feed(String group, IntFunction<List<String>> streams, List<Integer> weights, int batchMax, int unpersistedMax) {
    public Feed {
        weights = List.copyOf(weights);
    }
}
