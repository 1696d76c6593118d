package dev.millrace.ingest.limit;

import dev.millrace.ingest.limit.Charged.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Charges requests to buckets of this process alone, for the time that Redis is away. All of them are token buckets, whatever the rule's
 * algorithm; they begin full. It knows so many buckets, and forgets first those that were asked for longest ago.
 */
final class LocalCharging {
    private static final int BUCKETS_MAX = 10_000;

    private final LongSupplier nanos;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75F, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > BUCKETS_MAX;
        }
    };

    /**
     * @param nanos a clock that only goes forward
     */
    LocalCharging(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * How full a bucket is.
     *
     * @param parts a request takes as many as the rule's window has microseconds, and the quota comes back each microsecond
     */
    private record Bucket(long parts, long atMicros) {
        static Bucket full(Rule rule, long now) {
            return new Bucket(capacity(rule), now);
        }

        private static long capacity(Rule rule) {
            return rule.limit().burst() * rule.limit().windowMicros();
        }

        Bucket refilled(Rule rule, long now) {
            long passed = now - atMicros;
            long quota = rule.limit().quota();
            long missing = capacity(rule) - parts;
            return new Bucket(passed >= Math.ceilDiv(missing, quota) ? capacity(rule) : parts + passed * quota, now);
        }

        long left(Rule rule) {
            return parts / rule.limit().windowMicros();
        }

        Bucket charged(Rule rule) {
            return new Bucket(parts - rule.limit().windowMicros(), atMicros);
        }

        long waitMicros(Rule rule) {
            return parts == capacity(rule) ? 0
                    : Math.ceilDiv((left(rule) + 1) * rule.limit().windowMicros() - parts, rule.limit().quota());
        }
    }

    /** Charges one request, to all of its buckets or to none. */
    synchronized Ruling charge(Buckets asked) {
        long now = TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong());
        List<Bucket> found = new ArrayList<>();
        boolean granted = true;
        for (int i = 0; i < asked.keys().size(); i++) {
            Rule rule = asked.rules().get(i);
            Bucket known = buckets.get(asked.keys().get(i));
            Bucket bucket = known == null ? Bucket.full(rule, now) : known.refilled(rule, now);
            granted &= bucket.left(rule) > 0;
            found.add(bucket);
        }
        List<Level> levels = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            Rule rule = asked.rules().get(i);
            Bucket after = granted ? found.get(i).charged(rule) : found.get(i);
            buckets.put(asked.keys().get(i), after);
            levels.add(new Level(after.left(rule), after.waitMicros(rule)));
        }
        return new Charged(granted ? 1 : 0, now, levels).of(asked, 0);
    }
}
