package dev.millrace.ingest.limit;

import java.util.List;

/**
 * Where a request is counted: a bucket for each of some rules, all of them in one slot.
 *
 * @param keys of the buckets, in the order of the rules; they alone tell one from another
 */
record Buckets(List<Rule> rules, List<String> keys) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Buckets buckets && keys.equals(buckets.keys);
    }

    @Override
    public int hashCode() {
        return keys.hashCode();
    }
}
