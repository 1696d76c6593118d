package dev.millrace.ingest.read;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How an event is now. Of an event that has ended, what only the books know is null while they can't be asked or are behind.
 *
 * @param tries how often work on it was begun
 * @param error why it died, where it did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EventStatus(String id, @Nullable String type, @Nullable String lane, State status, @Nullable Long tries, Instant acceptedAt,
        @Nullable String error) {
    /** Where an event is on its way. */
    public enum State {
        /** In its stream, nobody has taken it yet. */
        QUEUED,
        /** A processor has it. */
        PROCESSING,
        /** Its effects are done. */
        COMPLETED,
        /** Given up, with a dead letter. */
        DEAD,
        /** Taken back before it was worked. */
        CANCELLED;

        /** The word in JSON. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
