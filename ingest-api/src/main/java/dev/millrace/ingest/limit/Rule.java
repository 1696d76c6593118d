package dev.millrace.ingest.limit;

import dev.millrace.schema.redis.Args;
import dev.millrace.schema.settings.LimitRule;
import java.util.List;

/**
 * A rule as requests meet it.
 *
 * @param bucket first part of the names of its buckets; another algorithm or window makes other buckets, because it counts in another form
 * @param args what {@code charge.lua} takes for a bucket of it
 */
record Rule(LimitRule limit, String bucket, List<byte[]> args) {
    static Rule of(LimitRule limit) {
        return new Rule(limit, limit.name() + '/' + limit.algorithm().word() + '-' + limit.window().toMillis(),
                List.copyOf(Args.of(limit.algorithm().word()).add(limit.quota()).add(limit.windowMicros()).add(limit.burst()).list()));
    }
}
