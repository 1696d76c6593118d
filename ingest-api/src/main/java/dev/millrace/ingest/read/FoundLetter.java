package dev.millrace.ingest.read;

import dev.millrace.schema.change.Death;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.StreamId;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter, as one look found it.
 *
 * @param eventId as the producer knows it
 * @param ref what that names
 * @param entry the letter's own place, another one each time the event dies
 * @param holdsLane whether the event is still the head of its lane, which waits for what is done with the letter
 * @param fields of the letter; of a list, without the event's data
 */
public record FoundLetter(String eventId, EventRef ref, StreamId entry, Death death, boolean holdsLane, Map<String, byte[]> fields) {
    /** Whose it is; empty where its event does not even say that. */
    public String client() {
        return text("c");
    }

    /** Its event, unless that does not read: it was let in by a newer release, or damaged. */
    public Optional<Event> event() {
        try {
            return Optional.of(EventCodec.decode(death.priority(), fields));
        } catch (MalformedEntryException e) {
            return Optional.empty();
        }
    }

    /** The lane of its event, also of one that does not read otherwise. */
    public Optional<Lane> lane() {
        return EventCodec.lane(death.priority(), fields);
    }

    /** A field as text; empty if there is none. */
    String text(String name) {
        byte @Nullable [] value = fields.get(name);
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }
}
