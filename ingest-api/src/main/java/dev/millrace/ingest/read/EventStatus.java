package dev.millrace.ingest.read;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How an event is now. Of an event that has ended, what only the books know is null while they can't be asked or are behind.
 *
 * @param tries how often work on it was begun; score events are worked in batches, which count when they end
 * @param runAt when it falls due, while it is scheduled
 * @param nextTryAt when it will be tried again, where that is a matter of time
 * @param error why it died, or what went wrong last
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EventStatus(String id, @Nullable String type, @Nullable String lane, State status, @Nullable Long tries, Instant acceptedAt,
        @Nullable Instant runAt, @Nullable Instant nextTryAt, @Nullable String error) {
    /** Where an event is on its way. */
    public enum State {
        /** Not due yet. */
        SCHEDULED,
        /** In its stream; work on it has not begun. */
        QUEUED,
        /** A processor is at work on it. */
        PROCESSING,
        /** It went wrong, and will be tried again. */
        RETRYING,
        /** Its effects are done. */
        COMPLETED,
        /** Given up, with a dead letter. */
        DEAD,
        /** Taken back before it was due. */
        CANCELLED;

        /** The word in JSON. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
