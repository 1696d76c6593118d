package dev.millrace.ingest.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.regex.Pattern;

/** Times as RFC 3339 writes them, which is stricter than what Java takes for a date and time. */
public final class Rfc3339 {
    /** The form, as the end of a sentence. */
    public static final String FORM = "must be a time of RFC 3339, such as 2030-01-01T09:30:00Z";

    private static final Pattern TIME = Pattern
            .compile("\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})");

    private Rfc3339() {}

    /** The time that a text names; empty if it names none. */
    public static Optional<Instant> time(String text) {
        try {
            return TIME.matcher(text).matches() ? Optional.of(OffsetDateTime.parse(text).toInstant()) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
