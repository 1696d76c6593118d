package dev.millrace.ingest.read;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/**
 * A dead letter as it is shown.
 *
 * @param id of its event, as the producer knows it
 * @param client null where the event does not even say that
 * @param attempts tries since it was accepted, or redriven
 * @param errors what went wrong with them, oldest first
 * @param holdsLane whether its lane waits for what is done with it
 * @param producerId the producer's own id of the event, where it gave one
 * @param data of the event; null in a list, and of an event that does not read
 * @param handled what was done with letters of the event before, latest first; null in a list
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeadLetterView(String id, @Nullable String client, @Nullable String type, @Nullable String lane, String priority,
        String reason, int attempts, List<FailedAttempt> errors, Instant acceptedAt, Instant diedAt, boolean holdsLane,
        @Nullable String producerId, @Nullable JsonNode data, @Nullable List<AuditEntry> handled) {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    /** One of a list. */
    public static DeadLetterView brief(FoundLetter letter) {
        return of(letter, null, null);
    }

    /** With its payload, and what was done with letters of the same event before. */
    public static DeadLetterView whole(FoundLetter letter, List<AuditEntry> handled) {
        return of(letter, letter.event().map(Event::data).map(DeadLetterView::json).orElse(null), handled);
    }

    private static DeadLetterView of(FoundLetter letter, @Nullable JsonNode data, @Nullable List<AuditEntry> handled) {
        return new DeadLetterView(letter.eventId(), nullIfEmpty(letter.client()), nullIfEmpty(letter.text("t")),
                letter.lane().map(Lane::name).orElse(null), letter.death().priority().word(), letter.death().reason(),
                letter.death().attempts(), letter.death().errors(), letter.ref().id().time(), letter.death().diedAt(), letter.holdsLane(),
                nullIfEmpty(letter.text("i")), data, handled);
    }

    /** What came through the door is JSON; what got there otherwise is shown all the same. */
    private static JsonNode json(String data) {
        try {
            return JSON.readTree(data);
        } catch (JacksonException e) {
            return StringNode.valueOf(data);
        }
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
