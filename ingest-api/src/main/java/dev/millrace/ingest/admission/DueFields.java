package dev.millrace.ingest.admission;

import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.Rfc3339;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads when an event is due from its fields {@code runAt} and {@code delay}. */
final class DueFields {
    static final String RUN_AT = "runAt";
    static final String DELAY = "delay";

    /** Days to seconds, because months and years have no fixed length; neither signs nor fractions but of seconds. */
    private static final Pattern DURATION = Pattern
            .compile("P(?=.)(\\d{1,9}D)?(T(?=.)(\\d{1,9}H)?(\\d{1,9}M)?(\\d{1,12}(\\.\\d{1,9})?S)?)?");
    private static final String DURATION_WORDS = "must be a duration of ISO 8601 in days, hours, minutes and seconds, such as PT90S or P1DT2H";

    private final Duration max;
    private final InstantSource clock;

    /**
     * @param max how far ahead an event may be due
     */
    DueFields(Duration max, InstantSource clock) {
        this.max = max;
        this.clock = clock;
    }

    /** When the event is due; null for at once, and where the fields are wrong, which they then note. */
    @Nullable Due read(Fields fields) {
        String runAt = fields.optional(RUN_AT, text -> Rfc3339.time(text).isPresent(), Rfc3339.FORM);
        String delay = fields.optional(DELAY, text -> duration(text).isPresent(), DURATION_WORDS);
        if (fields.has(RUN_AT) && fields.has(DELAY)) {
            fields.wrong(RUN_AT, "can't be given together with delay");
            fields.wrong(DELAY, "can't be given together with runAt");
            return null;
        }
        if (runAt != null) {
            Instant time = Rfc3339.time(runAt).orElseThrow();
            checkAhead(fields, RUN_AT, Duration.between(clock.instant(), time));
            return new Due.At(time);
        }
        if (delay != null) {
            Duration ahead = duration(delay).orElseThrow();
            checkAhead(fields, DELAY, ahead);
            return ahead.isZero() ? null : new Due.In(ahead);
        }
        return null;
    }

    private void checkAhead(Fields fields, String field, Duration ahead) {
        if (ahead.compareTo(max) > 0) {
            fields.wrong(field, "must be at most " + max + " ahead");
        }
    }

    private static Optional<Duration> duration(String text) {
        try {
            return DURATION.matcher(text).matches() ? Optional.of(Duration.parse(text)) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
