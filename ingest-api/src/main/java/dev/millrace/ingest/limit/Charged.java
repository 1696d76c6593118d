package dev.millrace.ingest.limit;

import dev.millrace.ingest.limit.Ruling.Standing;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of requests that were charged to the same buckets one after the other.
 *
 * @param requests how many of them were; the first ones
 * @param atMicros when, by the clock that counted
 * @param levels of each bucket, afterwards
 */
record Charged(int requests, long atMicros, List<Level> levels) {
    /**
     * How a bucket is.
     *
     * @param left how many more requests it takes now
     * @param waitMicros until it takes more than that
     */
    record Level(long left, long waitMicros) {}

    Charged {
        levels = List.copyOf(levels);
    }

    /**
     * What one of the requests is told.
     *
     * @param place its place among them, from 0
     */
    Ruling of(Buckets buckets, int place) {
        boolean granted = place < requests;
        long after = granted ? requests - 1 - place : 0;
        List<Standing> standings = new ArrayList<>(levels.size());
        for (int i = 0; i < levels.size(); i++) {
            Level level = levels.get(i);
            standings.add(new Standing(buckets.rules().get(i).limit(), level.left() + after, level.waitMicros()));
        }
        return new Ruling(granted, standings);
    }
}
