package dev.millrace.ingest.limit;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of usage.
 *
 * @param next where the next stretch begins; null if there is none
 */
public record UsagePage(List<Usage> items, @Nullable String next) {
    public UsagePage {
        items = List.copyOf(items);
    }

    /** What stands for the place behind a usage. */
    static String cursor(Usage last) {
        String text = last.client() + '/' + last.minute().toEpochMilli() + '/' + last.route();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The place that a cursor stands for, as a usage of nothing; empty if it is none of ours. */
    public static Optional<Usage> place(String cursor) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split("/", -1);
            return parts.length == 3
                    ? Optional.of(new Usage(Instant.ofEpochMilli(Long.parseLong(parts[1])), parts[0], parts[2], 0, 0, 0, 0))
                    : Optional.empty();
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }
}
