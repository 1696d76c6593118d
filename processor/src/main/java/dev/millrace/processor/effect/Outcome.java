package dev.millrace.processor.effect;

import java.time.Duration;
import java.util.Optional;

/** How a try ended. */
public sealed interface Outcome {
    /** The work is done: the event is completed. */
    record Done() implements Outcome {}

    /**
     * It did not work now, and may later. The lane waits.
     *
     * @param after how long to wait at least, where something said so, such as a {@code Retry-After}; else the type's policy decides
     * @param reason one line
     */
    record Retry(Optional<Duration> after, String reason) implements Outcome {}

    /**
     * It will never work: the event becomes a dead letter.
     *
     * @param reason one line
     */
    record Dead(String reason) implements Outcome {}

    static Outcome done() {
        return new Done();
    }

    static Outcome retry(String reason) {
        return new Retry(Optional.empty(), reason);
    }

    static Outcome retryAfter(Duration after, String reason) {
        return new Retry(Optional.of(after), reason);
    }

    static Outcome dead(String reason) {
        return new Dead(reason);
    }
}
