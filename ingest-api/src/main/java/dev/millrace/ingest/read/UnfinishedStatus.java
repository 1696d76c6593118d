package dev.millrace.ingest.read;

import dev.millrace.ingest.read.EventStatus.State;
import dev.millrace.schema.change.DeadLetter.FailedAttempt;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.ScoreOp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of an event that has not ended how it is. */
final class UnfinishedStatus {
    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedStatus.class);

    private final String id;
    private final EventRef ref;

    /**
     * @param id as the producer knows it
     * @param ref what that names
     */
    UnfinishedStatus(String id, EventRef ref) {
        this.id = id;
        this.ref = ref;
    }

    EventStatus scheduled(Place.InSchedule place) {
        return status(State.SCHEDULED, event(place.fields()), 0, place.due(), null, null);
    }

    EventStatus queued(Place.InStream place) {
        return status(State.QUEUED, event(place.fields()), 0, null, null, null);
    }

    EventStatus pending(Place.Pending place) {
        Optional<Event> event = event(place.fields());
        long begun = place.deliveries() - 1;
        Tries tries = place.ofHead();
        if (tries == null || !tries.head().equals(place.id())) {
            // Score events are worked in batches, which count no tries; others wait in their lane until a try is begun.
            boolean atWork = begun > 0 || event.isEmpty() || ScoreOp.ofType(event.get().type()).isPresent();
            return status(atWork ? State.PROCESSING : State.QUEUED, event, begun, null, null, null);
        }
        String error = lastError(tries);
        if (begun == 0 && tries.edited() != null) {
            // Redriven with other data; nobody has begun with it yet.
            return status(State.QUEUED, event, 0, null, null, null);
        }
        if (begun > tries.ended()) {
            return status(State.PROCESSING, event, begun, null, null, error);
        }
        return switch (tries.state()) {
            case RETRYING, DYING -> status(State.RETRYING, event, begun, null, tries.due(), error);
            case SUSPECT, ALONE -> status(State.RETRYING, event, begun, null, null, error);
            case BLOCKED, DISCARDED -> status(State.DEAD, event, begun, null, null, error);
        };
    }

    private static @Nullable String lastError(Tries tries) {
        List<FailedAttempt> errors = tries.errors();
        return errors.isEmpty() ? null : errors.getLast().error();
    }

    private EventStatus status(State state, Optional<Event> event, long tries, @Nullable Instant runAt, @Nullable Instant nextTryAt,
            @Nullable String error) {
        return new EventStatus(id, event.map(Event::type).orElse(null), event.map(known -> known.lane().name()).orElse(null), state, tries,
                ref.id().time(), runAt, nextTryAt, error);
    }

    private Optional<Event> event(Map<String, byte[]> fields) {
        try {
            return Optional.of(EventCodec.decode(ref.priority(), fields));
        } catch (MalformedEntryException e) {
            LOG.warn("event {} of partition {} does not read: {}", ref.asOrigin(), ref.partition(), e.getMessage());
            return Optional.empty();
        }
    }
}
