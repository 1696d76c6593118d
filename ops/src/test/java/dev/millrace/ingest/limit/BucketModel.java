package dev.millrace.ingest.limit;

import dev.millrace.schema.settings.LimitRule;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a bucket should do, written down without Redis, expiry or batches: one request at a time, nothing ever forgotten. */
sealed interface BucketModel {
    /** Requests that it would take at this time. */
    long left(long nowMicros);

    /** Takes one. */
    void charge(long nowMicros);

    /** Until it takes more than now. */
    long waitMicros(long nowMicros);

    static BucketModel of(LimitRule rule) {
        return switch (rule.algorithm()) {
            case FIXED_WINDOW -> new Fixed(rule);
            case SLIDING_WINDOW -> new Sliding(rule);
            case TOKEN_BUCKET -> new Token(rule);
        };
    }

    /** Counts by windows that begin at multiples of their length. */
    final class Fixed implements BucketModel {
        private final LimitRule rule;
        private long window = -1;
        private long count;

        Fixed(LimitRule rule) {
            this.rule = rule;
        }

        @Override
        public long left(long now) {
            if (now / rule.windowMicros() != window) {
                window = now / rule.windowMicros();
                count = 0;
            }
            return rule.quota() - count;
        }

        @Override
        public void charge(long now) {
            left(now);
            count++;
        }

        @Override
        public long waitMicros(long now) {
            return (now / rule.windowMicros() + 1) * rule.windowMicros() - now;
        }
    }

    /** Remembers when each request came. */
    final class Sliding implements BucketModel {
        private final LimitRule rule;
        private final Deque<Long> times = new ArrayDeque<>();

        Sliding(LimitRule rule) {
            this.rule = rule;
        }

        @Override
        public long left(long now) {
            while (!times.isEmpty() && times.getFirst() <= now - rule.windowMicros()) {
                times.removeFirst();
            }
            return rule.quota() - times.size();
        }

        @Override
        public void charge(long now) {
            times.addLast(now);
        }

        @Override
        public long waitMicros(long now) {
            left(now);
            return times.isEmpty() ? 0 : times.getFirst() + rule.windowMicros() - now;
        }
    }

    /** Tokens in parts, as many to a token as the window has microseconds, so that each microsecond brings back the quota. */
    final class Token implements BucketModel {
        private final LimitRule rule;
        private long parts;
        private long at;

        Token(LimitRule rule) {
            this.rule = rule;
            this.parts = full();
        }

        private long full() {
            return Math.multiplyExact(rule.burst(), rule.windowMicros());
        }

        private void refill(long now) {
            for (long missing = full() - parts; missing > 0 && at < now; missing = full() - parts) {
                long micros = Math.min(now - at, Math.ceilDiv(missing, rule.quota()));
                parts = Math.min(full(), parts + micros * rule.quota());
                at += micros;
            }
            at = now;
        }

        @Override
        public long left(long now) {
            refill(now);
            return parts / rule.windowMicros();
        }

        @Override
        public void charge(long now) {
            refill(now);
            parts -= rule.windowMicros();
        }

        @Override
        public long waitMicros(long now) {
            refill(now);
            if (parts == full()) {
                return 0;
            }
            long next = (parts / rule.windowMicros() + 1) * rule.windowMicros();
            long wait = 0;
            for (long reached = parts; reached < next; reached += rule.quota()) {
                wait++;
            }
            return wait;
        }
    }
}
