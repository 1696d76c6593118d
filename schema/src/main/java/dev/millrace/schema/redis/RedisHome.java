package dev.millrace.schema.redis;

import dev.millrace.schema.settings.Settings;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every role begins with: a connection to a Redis that is fit for events, and the namespace there.
 *
 * @param redis to be closed by the role
 */
public record RedisHome(Redis redis, Namespace namespace) {
    private static final Logger LOG = LoggerFactory.getLogger(RedisHome.class);
    /** A role that is started together with its Redis may have to wait for it; but a wrong address must show soon. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofMillis(250);

    /**
     * Connects, waiting up to ten seconds for Redis to be there.
     *
     * @param timeout of each command
     * @throws RedisUnavailableException if no Redis answers
     * @throws IllegalStateException if Redis or the namespace is set up otherwise than it must be; the message says what to change
     */
    public static RedisHome open(Settings settings, Duration timeout) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return openOnce(settings, timeout);
            } catch (RedisUnavailableException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                LOG.debug("waiting for Redis: {}", e.getMessage());
            }
            try {
                Thread.sleep(RETRY);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RedisUnavailableException("interrupted while waiting for Redis", false, e);
            }
        }
    }

    private static RedisHome openOnce(Settings settings, Duration timeout) {
        Redis redis = Redis.connect(settings.redis(), timeout);
        try {
            redis.requireFit();
            return new RedisHome(redis, Namespace.open(redis, new Keyspace(settings.redis().namespace()), settings.partitions()));
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
    }
}
