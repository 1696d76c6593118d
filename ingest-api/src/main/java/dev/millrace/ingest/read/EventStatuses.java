package dev.millrace.ingest.read;

import dev.millrace.ingest.read.EventStatus.State;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.EventOutcome;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.redis.RedisUnavailableException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers how an event is. Nothing is kept for that while events travel: the id says where the event was accepted, and where it is found
 * says how it is. An event that is nowhere any more has completed, unless the books say otherwise.
 */
public final class EventStatuses {
    private static final Logger LOG = LoggerFactory.getLogger(EventStatuses.class);

    private final Places places;
    private final EventIds ids;
    private final EventHistory history;

    public EventStatuses(Places places, EventIds ids, EventHistory history) {
        this.places = places;
        this.ids = ids;
        this.history = history;
    }

    /**
     * The status of one of a client's events.
     *
     * @return empty if the id names no event of this client
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<EventStatus> find(String client, String id) {
        return ids.decode(client, id).map(ref -> status(client, id, ref));
    }

    private EventStatus status(String client, String id, EventRef ref) {
        UnfinishedStatus unfinished = new UnfinishedStatus(id, ref);
        return switch (places.find(ref)) {
            case Place.InSchedule place -> unfinished.scheduled(place);
            case Place.InStream place -> unfinished.queued(place);
            case Place.Pending place -> unfinished.pending(place);
            case Place.Dead(Map<String, byte[]> fields) -> dead(id, ref, fields);
            case Place.Discarded() -> ended(id, ref, State.DEAD, outcome(client, id, ref));
            case Place.Cancelled() -> ended(id, ref, State.CANCELLED, outcome(client, id, ref));
            case Place.Gone(boolean redriven) -> gone(id, ref, redriven, outcome(client, id, ref));
        };
    }

    private static EventStatus dead(String id, EventRef ref, Map<String, byte[]> fields) {
        try {
            DeadLetter letter = DeadLetterCodec.decode(fields);
            return new EventStatus(id, letter.event().type(), letter.event().lane().name(), State.DEAD, (long) letter.attempts(),
                    ref.id().time(), null, null, letter.reason());
        } catch (MalformedEntryException e) {
            return new EventStatus(id, null, null, State.DEAD, null, ref.id().time(), null, null, "it does not read: " + e.getMessage());
        }
    }

    private static EventStatus gone(String id, EventRef ref, boolean redriven, @Nullable EventOutcome outcome) {
        if (redriven && outcome != null && outcome.outcome() == Outcome.DEAD) {
            // Dead again, it would have a dead letter again: the books have not heard yet how it ended.
            return new EventStatus(id, outcome.type(), outcome.lane(), State.COMPLETED, null, ref.id().time(), null, null, null);
        }
        return ended(id, ref, State.COMPLETED, outcome);
    }

    /**
     * @param otherwise how it ended if the books don't say
     */
    private static EventStatus ended(String id, EventRef ref, State otherwise, @Nullable EventOutcome outcome) {
        if (outcome == null) {
            return new EventStatus(id, null, null, otherwise, null, ref.id().time(), null, null, null);
        }
        State state = switch (outcome.outcome()) {
            case COMPLETED -> State.COMPLETED;
            case DEAD -> State.DEAD;
            case CANCELLED -> State.CANCELLED;
        };
        return new EventStatus(id, outcome.type(), outcome.lane(), state, (long) outcome.attempts(), ref.id().time(), null, null,
                outcome.error());
    }

    private @Nullable EventOutcome outcome(String client, String id, EventRef ref) {
        try {
            return history.find(client, id, ref.id().time()).orElse(null);
        } catch (RuntimeException e) {
            LOG.warn("the history of events can't be asked: {}", e.toString());
            return null;
        }
    }
}
