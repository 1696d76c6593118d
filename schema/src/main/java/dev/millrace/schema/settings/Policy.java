package dev.millrace.schema.settings;

import java.time.Duration;
import java.util.List;

/**
 * How events of a type are tried.
 *
 * @param tries failures after which an event is given up
 * @param crashes how often a try may take its process with it, while nothing else is tried there, before the event is given up
 * @param deadline how long one try may take
 * @param concurrency tries of this type that a process makes at once
 * @param backoff bound of the wait after the first failure; it doubles with each, and the wait is anything up to it
 * @param backoffMax bound of every such wait
 * @param afterDead what becomes of the lane of an event that was given up
 * @param fatal names of exceptions, each with its subclasses, after which another try is of no use
 */
public record Policy(int tries, int crashes, Duration deadline, int concurrency, Duration backoff, Duration backoffMax, AfterDead afterDead,
        List<String> fatal) {
    /** Ten tries over some quarter of an hour, sixteen at once. */
    public static final Policy DEFAULT = new Policy(10, 3, Duration.ofSeconds(30), 16, Duration.ofSeconds(1), Duration.ofMinutes(5),
            AfterDead.CONTINUE, List.of());

    /** What becomes of a lane whose head was given up. */
    public enum AfterDead {
        /** It goes on with the next event. */
        CONTINUE,
        /** It waits until the dead letter is redriven or discarded. */
        BLOCK
    }

    public Policy {
        fatal = List.copyOf(fatal);
        if (tries < 1 || crashes < 1 || concurrency < 1) {
            throw new SettingsException("a policy's tries, crashes and concurrency must be above 0");
        }
        if (!deadline.isPositive() || !backoff.isPositive() || backoffMax.compareTo(backoff) < 0) {
            throw new SettingsException("a policy's deadline and backoff must be above 0, and backoff-max not below backoff");
        }
    }

    /** Whether another try is of no use after this. */
    public boolean isFatal(Throwable failure) {
        for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
            if (fatal.contains(type.getName())) {
                return true;
            }
        }
        return false;
    }
}
