package dev.millrace.ingest.admission;

import java.time.Duration;
import java.time.Instant;

/** When an event that is not to be worked at once falls due. */
public sealed interface Due {
    /** At a time, by the Redis clock. */
    record At(Instant time) implements Due {}

    /** Some time after it was accepted. */
    record In(Duration delay) implements Due {}

    /** What the script calls it. */
    default String word() {
        return switch (this) {
            case At _ -> "at";
            case In _ -> "in";
        };
    }

    /** Its milliseconds, since the epoch or since acceptance; rounded up, so that nothing falls due early. */
    default long millis() {
        return switch (this) {
            case At(Instant time) -> time.plusNanos(999_999).toEpochMilli();
            case In(Duration delay) -> delay.plusNanos(999_999).toMillis();
        };
    }
}
