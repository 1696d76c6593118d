package dev.millrace.processor.engine;

import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The events of partitions that are not due yet, as their owner sees them. */
public final class Schedule {
    private static final Script PROMOTE = Script.load(Schedule.class, "promote");
    /** Bounds one script's run to a few milliseconds, because Redis does nothing else meanwhile. */
    private static final int EVENTS_A_CALL = 200;

    private final Redis redis;
    private final Keyspace keys;

    public Schedule(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * What one look at the schedule came to.
     *
     * @param count events that were moved into their streams
     * @param nextDueIn how long until the next falls due, by the Redis clock: zero if it has, empty if there is none
     */
    public record Promoted(int count, Optional<Duration> nextDueIn) {}

    /**
     * Moves events that have fallen due into their streams, where they are read like any other; at most some hundreds at once.
     *
     * @throws FencedException if the lease has passed on; nothing was moved
     * @throws RedisUnavailableException if Redis can't be asked, or did not answer and may have moved them all the same
     */
    public Promoted promote(Lease lease) {
        int partition = lease.partition();
        Reply reply = redis.eval(PROMOTE,
                List.of(keys.lease(partition, Keyspace.PROCESSORS), keys.scheduled(partition), keys.scheduledPayloads(partition),
                        keys.moved(partition), keys.depth(partition), keys.events(partition, Priority.HIGH),
                        keys.events(partition, Priority.NORMAL), keys.events(partition, Priority.LOW)),
                Args.of(lease.owner()).add(lease.epoch()).add(EVENTS_A_CALL).add(keys.arrivals(Keyspace.PROCESSORS))
                        .add(partition).list());
        return switch (reply.word()) {
            case "PROMOTED" -> new Promoted((int) reply.number(1),
                    reply.text(2).isEmpty() ? Optional.empty() : Optional.of(Duration.ofMillis(reply.number(2))));
            case "FENCED" -> throw new FencedException(lease);
            default -> throw new IllegalStateException("promote.lua answered " + reply.word());
        };
    }
}
