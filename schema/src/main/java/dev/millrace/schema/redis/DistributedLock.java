package dev.millrace.schema.redis;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock in Redis that one of all processes holds at a time, for as long as it renews its lease.
 *
 * <p>
 * A holder that is paused does not notice that its lease has run out. So the lock alone keeps nobody from writing: every hold has a number,
 * greater than those of all before it, and the scripts that write what the lock is for take {@link Hold#guards} among their keys and write
 * only while the lock is there and its last number is the holder's.
 */
public final class DistributedLock {
    private static final Logger LOG = LoggerFactory.getLogger(DistributedLock.class);
    private static final Script TAKE = Script.load(DistributedLock.class, "take-lock");
    private static final Script RENEW = Script.load(DistributedLock.class, "renew-lock");
    private static final Script RELEASE = Script.load(DistributedLock.class, "release-lock");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int TOKEN_BYTES = 16;
    /** A lease that is renewed this often within its time outlives one renewal that failed. */
    private static final int RENEWALS = 3;

    private final Redis redis;
    private final String lock;
    private final String fence;
    private final Duration lease;

    /**
     * @param lock key of the lock
     * @param fence key of the number that was given last; in the slot of the lock
     * @param lease how long the lock outlives a holder that is gone
     */
    public DistributedLock(Redis redis, String lock, String fence, Duration lease) {
        this.redis = redis;
        this.lock = lock;
        this.fence = fence;
        this.lease = lease;
    }

    /**
     * Takes the lock if nobody has it, and holds it until the hold is closed or its renewal fails.
     *
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the lock may be nobody's for the time of its lease
     */
    public Optional<Hold> tryTake() {
        byte[] random = new byte[TOKEN_BYTES];
        RANDOM.nextBytes(random);
        String token = HexFormat.of().formatHex(random);
        Reply reply = redis.eval(TAKE, List.of(lock, fence), Args.of(token).add(lease.toMillis()).list());
        return reply.word().equals("TAKEN") ? Optional.of(new Hold(token, reply.number(1))) : Optional.empty();
    }

    /** The lock in someone's hands. */
    public final class Hold implements AutoCloseable {
        private final String token;
        private final long number;
        private final Thread renewing;

        private Hold(String token, long number) {
            this.token = token;
            this.number = number;
            this.renewing = Thread.ofVirtual().name("lock-renewal").start(this::renewUntilClosed);
        }

        /** Greater than that of every hold before it. */
        public long number() {
            return number;
        }

        /** The keys by which a script knows whether a number is that of the holder: the lock, which must be there, and the last number. */
        public List<String> guards() {
            return List.of(lock, fence);
        }

        /**
         * Begins the lease again.
         *
         * @return false if the lock is lost
         * @throws RedisUnavailableException if Redis can't be asked
         */
        boolean renew() {
            return redis.eval(RENEW, List.of(lock), Args.of(token).add(lease.toMillis()).list()).word().equals("RENEWED");
        }

        private void renewUntilClosed() {
            try {
                boolean held = true;
                while (held) {
                    Thread.sleep(lease.dividedBy(RENEWALS));
                    held = renewed();
                }
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }

        private boolean renewed() {
            try {
                return renew();
            } catch (RedisUnavailableException e) {
                LOG.debug("the lease of {} was not renewed: {}", lock, e.getMessage());
                return true;
            }
        }

        /** Gives the lock back, if it is still held; if Redis can't be told, the lock is there until its lease runs out. */
        @Override
        public void close() {
            renewing.interrupt();
            try {
                redis.eval(RELEASE, List.of(lock), Args.of(token).list());
            } catch (RedisUnavailableException e) {
                LOG.warn("{} is not given back before its lease runs out: {}", lock, e.getMessage());
            }
        }
    }
}
