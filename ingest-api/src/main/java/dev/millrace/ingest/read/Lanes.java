package dev.millrace.ingest.read;

import dev.millrace.ingest.read.LaneStatus.State;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers how a lane is, in one look. */
public final class Lanes {
    private static final Script LANE = Script.load(Lanes.class, "lane");
    /** Bounds one script's run to a few milliseconds, because Redis does nothing else meanwhile. */
    private static final int SEARCH_MAX = 500;

    private final Redis redis;
    private final Namespace namespace;

    public Lanes(Redis redis, Namespace namespace) {
        this.redis = redis;
        this.namespace = namespace;
    }

    /**
     * How a lane is. One that nobody ever named is empty.
     *
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public LaneStatus explain(Lane lane) {
        Keyspace keys = namespace.keys();
        int partition = namespace.partitions().of(lane.client(), lane.name());
        Reply reply = redis.eval(LANE,
                List.of(keys.events(partition, lane.priority()), keys.lease(partition, Keyspace.PROCESSORS), keys.depth(partition),
                        keys.tries(partition), keys.paused(partition)),
                Args.of(Keyspace.laneDepth(lane), Keyspace.laneField(lane), lane.client(), lane.name(), Keyspace.PROCESSORS)
                        .add(SEARCH_MAX).list());
        if (!reply.word().equals("LANE")) {
            throw new IllegalStateException("lane.lua answered " + reply.word());
        }
        long leaseLeftMs = reply.number(3);
        String owner = leaseLeftMs > 0 && !reply.text(1).isEmpty() ? reply.text(1) : null;
        Instant pausedSince = reply.text(5).isEmpty() ? null : Instant.ofEpochMilli(reply.number(5));
        EventStatus head = head(lane, partition, reply.list(8), reply.text(6));
        // The count may be a moment ahead of what was found, never behind it.
        long depth = Math.max(reply.number(4), head == null ? 0 : 1);
        return new LaneStatus(lane.client(), lane.name(), lane.priority().word(), partition, state(owner, pausedSince, depth, head), owner,
                reply.text(2).isEmpty() ? null : reply.number(2), owner == null ? 0 : leaseLeftMs, pausedSince, depth,
                head == null ? depth : depth - 1, head,
                head == null && depth > 0 ? "it is not among the first " + reply.number(7) + " entries of its stream" : null);
    }

    private @Nullable EventStatus head(Lane lane, int partition, Reply found, String tries) {
        if (found.size() == 0) {
            return null;
        }
        StreamId place = StreamId.parse(found.text(0));
        Map<String, byte[]> fields = Places.fields(found.list(1));
        long deliveries = found.number(2);
        EventRef ref = EventRef.of(partition, lane.priority(), place, EventCodec.origin(fields).orElse(null));
        UnfinishedStatus status = new UnfinishedStatus(namespace.eventIds().encode(lane.client(), ref), ref);
        Tries ofHead = Places.tries(partition, tries);
        return deliveries == 0 ? status.queued(new Place.InStream(place, fields))
                : status.pending(new Place.Pending(place, fields, deliveries, ofHead));
    }

    private static State state(@Nullable String owner, @Nullable Instant pausedSince, long depth, @Nullable EventStatus head) {
        if (pausedSince != null) {
            return State.PAUSED;
        }
        if (depth == 0) {
            return State.EMPTY;
        }
        if (owner == null) {
            return State.UNOWNED;
        }
        if (head == null) {
            return State.QUEUED;
        }
        return switch (head.status()) {
            case PROCESSING -> State.WORKING;
            case RETRYING -> State.RETRYING;
            case DEAD -> State.BLOCKED;
            case SCHEDULED, QUEUED, COMPLETED, CANCELLED -> State.QUEUED;
        };
    }
}
