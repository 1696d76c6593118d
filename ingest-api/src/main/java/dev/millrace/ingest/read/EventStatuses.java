package dev.millrace.ingest.read;

import dev.millrace.ingest.read.EventStatus.State;
import dev.millrace.schema.change.DeadLetter;
import dev.millrace.schema.change.DeadLetterCodec;
import dev.millrace.schema.change.EventOutcome;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers how an event is. Nothing is kept for that while events travel: the id says where the event lies, and where it is found says how
 * it is. An event that has left its stream and is no dead letter has completed.
 */
public final class EventStatuses {
    private static final Logger LOG = LoggerFactory.getLogger(EventStatuses.class);
    private static final Script STATUS = Script.load(EventStatuses.class, "event-status");

    private final Redis redis;
    private final Namespace namespace;
    private final EventHistory history;

    public EventStatuses(Redis redis, Namespace namespace, EventHistory history) {
        this.redis = redis;
        this.namespace = namespace;
        this.history = history;
    }

    /**
     * The status of one of a client's events.
     *
     * @return empty if the id names no event of this client
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Optional<EventStatus> find(String client, String id) {
        return namespace.eventIds().decode(client, id).map(ref -> status(client, id, ref));
    }

    private EventStatus status(String client, String id, EventRef ref) {
        Keyspace keys = namespace.keys();
        int partition = ref.partition();
        Reply reply = redis.eval(STATUS,
                List.of(keys.events(partition, ref.priority()), keys.deadIndex(partition), keys.dead(partition)),
                Args.of(ref.id().toString(), ref.priority().word() + '/' + ref.id(), Keyspace.PROCESSORS).list());
        return switch (reply.word()) {
            case "QUEUED" -> unfinished(id, ref, State.QUEUED, fields(reply.list(1)), 0);
            case "PROCESSING" -> unfinished(id, ref, State.PROCESSING, fields(reply.list(1)), reply.number(2));
            case "DEAD" -> dead(id, ref, fields(reply.list(1)));
            case "GONE" -> ended(id, ref, outcome(client, id, ref));
            default -> throw new IllegalStateException("event-status.lua answered " + reply.word());
        };
    }

    private static EventStatus unfinished(String id, EventRef ref, State state, Map<String, byte[]> fields, long tries) {
        String type = null;
        String lane = null;
        try {
            Event event = EventCodec.decode(ref.priority(), fields);
            type = event.type();
            lane = event.lane().name();
        } catch (MalformedEntryException e) {
            LOG.warn("event {} of partition {} does not read: {}", ref.id(), ref.partition(), e.getMessage());
        }
        return new EventStatus(id, type, lane, state, tries, ref.id().time(), null);
    }

    private static EventStatus dead(String id, EventRef ref, Map<String, byte[]> fields) {
        try {
            DeadLetter letter = DeadLetterCodec.decode(fields);
            return new EventStatus(id, letter.event().type(), letter.event().lane().name(), State.DEAD, (long) letter.attempts(),
                    ref.id().time(), letter.reason());
        } catch (MalformedEntryException e) {
            return new EventStatus(id, null, null, State.DEAD, null, ref.id().time(), "it does not read: " + e.getMessage());
        }
    }

    private static EventStatus ended(String id, EventRef ref, @Nullable EventOutcome outcome) {
        if (outcome == null) {
            return new EventStatus(id, null, null, State.COMPLETED, null, ref.id().time(), null);
        }
        State state = switch (outcome.outcome()) {
            case COMPLETED -> State.COMPLETED;
            case DEAD -> State.DEAD;
            case CANCELLED -> State.CANCELLED;
        };
        return new EventStatus(id, outcome.type(), outcome.lane(), state, (long) outcome.attempts(), ref.id().time(), outcome.error());
    }

    private @Nullable EventOutcome outcome(String client, String id, EventRef ref) {
        try {
            return history.find(client, id, ref.id().time()).orElse(null);
        } catch (RuntimeException e) {
            LOG.warn("the history of events can't be asked: {}", e.toString());
            return null;
        }
    }

    private static Map<String, byte[]> fields(Reply flat) {
        Map<String, byte[]> fields = new HashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.text(i), flat.bytes(i + 1));
        }
        return fields;
    }
}
