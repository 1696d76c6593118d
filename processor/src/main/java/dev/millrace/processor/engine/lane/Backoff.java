package dev.millrace.processor.engine.lane;

import dev.millrace.schema.settings.Policy;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a lane waits after a failure: any time up to a bound that doubles with each failure. Such full jitter spreads the tries of many
 * lanes that failed together best (Marc Brooker, "Exponential Backoff And Jitter", 2015).
 */
record Backoff(RandomGenerator random) {

    /**
     * The wait after a failure.
     *
     * @param failures how many there were, from 1
     */
    Duration after(Policy policy, int failures) {
        long bound = IntervalFunction.ofExponentialBackoff(policy.backoff(), 2.0, policy.backoffMax()).apply(failures);
        return Duration.ofMillis(random.nextLong(bound + 1));
    }
}
