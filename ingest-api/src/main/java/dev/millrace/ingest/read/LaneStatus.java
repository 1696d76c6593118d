package dev.millrace.ingest.read;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a lane is now, and why it does not move if it does not.
 *
 * @param partition where it lies
 * @param state in one word
 * @param owner the processor that works its partition, where one does
 * @param epoch of the partition's lease; the last one, where nobody holds it
 * @param leaseLeftMs how long that lease still lasts unless it is renewed
 * @param pausedSince when it was paused, where it is
 * @param depth events that it holds
 * @param waiting those that wait behind its head
 * @param head the event that is worked next or now, where it is known
 * @param headNote why the head is not known
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LaneStatus(String client, String lane, String priority, int partition, State state, @Nullable String owner,
        @Nullable Long epoch, long leaseLeftMs, @Nullable Instant pausedSince, long depth, long waiting, @Nullable EventStatus head,
        @Nullable String headNote) {
    /** What a lane does. */
    public enum State {
        /** It holds nothing. */
        EMPTY,
        /** Someone paused it. */
        PAUSED,
        /** No processor works its partition. */
        UNOWNED,
        /** Its head waits for its turn. */
        QUEUED,
        /** Its head is being worked. */
        WORKING,
        /** Its head went wrong and will be tried again. */
        RETRYING,
        /** Its head was given up and holds the lane until it is redriven or discarded. */
        BLOCKED;

        /** The word in JSON. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
