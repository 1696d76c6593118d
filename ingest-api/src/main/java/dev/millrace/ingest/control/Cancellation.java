package dev.millrace.ingest.control;

import dev.millrace.ingest.read.EventStatus;
import dev.millrace.ingest.read.EventStatuses;
import dev.millrace.ingest.read.Place;
import dev.millrace.ingest.read.Places;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.ChangeCodec;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
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
import dev.millrace.schema.settings.Durability;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes events back that are not due yet. */
public final class Cancellation {
    private static final Script CANCEL = Script.load(Cancellation.class, "cancel");

    private final Redis redis;
    private final Namespace namespace;
    private final Places places;
    private final EventStatuses statuses;
    private final Bounds bounds;
    private final Durability durability;
    private final InstantSource clock;

    /**
     * @param durability who must know of it before an event is said to be cancelled
     * @param clock for the books; no order rests on it
     */
    public Cancellation(Redis redis, Namespace namespace, Places places, EventStatuses statuses, Bounds bounds,
            Durability durability, InstantSource clock) {
        this.redis = redis;
        this.namespace = namespace;
        this.places = places;
        this.statuses = statuses;
        this.bounds = bounds;
        this.durability = durability;
        this.clock = clock;
    }

    /**
     * What cancelling may fill.
     *
     * @param remembered cancelled events that a partition tells of before the books have to
     * @param unpersisted events that a partition may be ahead of the books
     */
    public record Bounds(int remembered, int unpersisted) {}

    /** What became of it. */
    public sealed interface Result {
        /** It is cancelled now, or was before. */
        record Cancelled(EventStatus status) implements Result {}

        /** It is past cancelling. */
        record TooLate(EventStatus status) implements Result {}

        /** The books are too far behind to be told of it; it stays scheduled. */
        record NotNow() implements Result {}
    }

    /**
     * Cancels one of a client's events.
     *
     * @return empty if the id names no event of this client
     * @throws RedisUnavailableException if Redis can't be asked; if the outcome is unknown, the event may be cancelled
     */
    public Optional<Result> cancel(String client, String id) {
        return namespace.eventIds().decode(client, id).map(ref -> cancel(client, id, ref));
    }

    private Result cancel(String client, String id, EventRef ref) {
        if (places.find(ref) instanceof Place.InSchedule scheduled && !cancelled(ref, scheduled)) {
            return new Result.NotNow();
        }
        EventStatus now = statuses.find(client, id).orElseThrow();
        return now.status() == EventStatus.State.CANCELLED ? new Result.Cancelled(now) : new Result.TooLate(now);
    }

    /** False if the books are too far behind; an event that has left the schedule meanwhile is left alone. */
    private boolean cancelled(EventRef ref, Place.InSchedule scheduled) {
        Keyspace keys = namespace.keys();
        int partition = ref.partition();
        Args args = Args.of(Keyspace.scheduledMember(ref.id())).add(bounds.remembered()).add(Keyspace.DEPTH_UNPERSISTED)
                .add(bounds.unpersisted()).addAll(ChangeCodec.encode(change(ref, event(ref, scheduled))));
        Reply reply = redis.eval(CANCEL, List.of(keys.scheduled(partition), keys.scheduledPayloads(partition), keys.cancelled(partition),
                keys.changes(partition), keys.depth(partition), keys.boarded(partition)), args.list(), durability.replicas());
        return switch (reply.word()) {
            case "CANCELLED", "NOT_SCHEDULED" -> true;
            case "UNPERSISTED_FULL" -> false;
            default -> throw new IllegalStateException("cancel.lua answered " + reply.word());
        };
    }

    private Change change(EventRef ref, Event event) {
        EventEnded ended = new EventEnded(ref.id(), ref.priority(), event.lane().client(), event.type(), event.lane().name(),
                Outcome.CANCELLED, 0, null, ref.asOrigin());
        return new Change(epoch(ref.partition()), clock.instant(), List.of(), List.of(), List.of(ended));
    }

    /** The books tell changes that a failover gave an id anew from those that they have by the epoch, so that each needs one. */
    private long epoch(int partition) {
        Map<String, byte[]> lease = redis.hgetall(namespace.keys().lease(partition, Keyspace.PROCESSORS));
        byte[] epoch = lease.get("epoch");
        return epoch == null ? 0 : Long.parseLong(new String(epoch, StandardCharsets.UTF_8));
    }

    private static Event event(EventRef ref, Place.InSchedule scheduled) {
        try {
            return EventCodec.decode(ref.priority(), scheduled.fields());
        } catch (MalformedEntryException e) {
            throw new IllegalStateException("scheduled event " + ref.id() + " of partition " + ref.partition() + " does not read", e);
        }
    }
}
