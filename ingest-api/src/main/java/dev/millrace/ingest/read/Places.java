package dev.millrace.ingest.read;

import dev.millrace.schema.change.Tries;
import dev.millrace.schema.change.TriesCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds events. An event's id says where it was accepted, and one script looks there and wherever it can have gone since. */
public final class Places {
    private static final Logger LOG = LoggerFactory.getLogger(Places.class);
    private static final Script STATUS = Script.load(Places.class, "event-status");

    private final Redis redis;
    private final Keyspace keys;

    public Places(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * Where an event is.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public Place find(EventRef ref) {
        int partition = ref.partition();
        Reply reply = redis.eval(STATUS,
                List.of(keys.events(partition, ref.priority()), keys.deadIndex(partition), keys.dead(partition), keys.scheduled(partition),
                        keys.scheduledPayloads(partition), keys.moved(partition), keys.cancelled(partition), keys.tries(partition),
                        keys.deadHandled(partition)),
                Args.of(ref.scheduled() ? "" : ref.id().toString(), ref.priority().word(),
                        ref.scheduled() ? Keyspace.scheduledMember(ref.id()) : "", ref.asOrigin().toString(), Keyspace.deadField(ref),
                        Keyspace.PROCESSORS, Keyspace.redrivenMember(ref), Keyspace.discardedMember(ref)).list());
        return switch (reply.word()) {
            case "SCHEDULED" -> new Place.InSchedule(Instant.ofEpochMilli(reply.number(1)), fields(reply.list(2)));
            case "QUEUED" -> new Place.InStream(StreamId.parse(reply.text(1)), fields(reply.list(2)));
            case "PROCESSING" ->
                new Place.Pending(StreamId.parse(reply.text(1)), fields(reply.list(2)), reply.number(3), tries(partition, reply.text(4)));
            case "DEAD" -> new Place.Dead(fields(reply.list(1)));
            case "DISCARDED" -> new Place.Discarded();
            case "CANCELLED" -> new Place.Cancelled();
            case "GONE" -> new Place.Gone(reply.number(1) == 1);
            default -> throw new IllegalStateException("event-status.lua answered " + reply.word());
        };
    }

    /** Names and values in turn, as Redis gives the fields of an entry. */
    static Map<String, byte[]> fields(Reply flat) {
        Map<String, byte[]> fields = new HashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.text(i), flat.bytes(i + 1));
        }
        return fields;
    }

    /** What a script found in the hash of tries; null for nothing, or what does not read. */
    static @Nullable Tries tries(int partition, String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return TriesCodec.decode(text);
        } catch (MalformedEntryException e) {
            LOG.warn("partition {}: {}", partition, e.getMessage());
            return null;
        }
    }
}
