package dev.millrace.ingest.admission;

import dev.millrace.ingest.admission.AdmitResult.Conflict;
import dev.millrace.ingest.admission.AdmitResult.DedupeFull;
import dev.millrace.ingest.admission.AdmitResult.ScheduleFull;
import dev.millrace.ingest.admission.AdmitResult.Unavailable;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Puts events into the schedule of their partition, once per key and only while there is room. */
final class Scheduling {
    private static final Script SCHEDULE = Script.load(Scheduling.class, "schedule");
    /** A second wrong guess takes a window that ends during the call, a third one a clock that jumps. */
    private static final int WRONG_GUESSES = 3;

    private final Redis redis;
    private final Namespace namespace;
    private final int replicas;
    private final DedupeWindows windows;
    private final AdmitArguments arguments;
    private final AcceptedIds ids;

    Scheduling(Redis redis, Namespace namespace, int replicas, DedupeWindows windows, AdmitArguments arguments, AcceptedIds ids) {
        this.redis = redis;
        this.namespace = namespace;
        this.replicas = replicas;
        this.windows = windows;
        this.arguments = arguments;
        this.ids = ids;
    }

    /**
     * Schedules one event, or says why not.
     *
     * @return empty if it is due already by the Redis clock: nothing was done, and it is to be accepted like any other
     */
    Optional<AdmitResult> schedule(Posted event, Due due) {
        Lane lane = event.event().lane();
        int partition = namespace.partitions().of(lane.client(), lane.name());
        for (int guesses = 0; guesses <= WRONG_GUESSES; guesses++) {
            Reply reply;
            try {
                reply = send(event, due, partition);
            } catch (RedisUnavailableException e) {
                return Optional.of(new Unavailable(e.outcomeUnknown()));
            }
            if (!reply.word().equals("BUCKET")) {
                return result(lane, partition, reply);
            }
            windows.correct(reply.number(1));
        }
        return Optional.of(new Unavailable(false));
    }

    private Reply send(Posted event, Due due, int partition) {
        Keyspace keys = namespace.keys();
        long window = windows.current();
        return redis
                .await(redis.evalAsync(SCHEDULE,
                        List.of(keys.scheduled(partition), keys.scheduledPayloads(partition), keys.once(partition, window),
                                keys.once(partition, window - 1)),
                        arguments.schedule(event, due, window, partition, keys.bell()), replicas));
    }

    private Optional<AdmitResult> result(Lane lane, int partition, Reply reply) {
        return switch (reply.word()) {
            case "SCHEDULED" -> Optional.of(ids.inSchedule(lane, partition, reply.text(1), Instant.ofEpochMilli(reply.number(2))));
            case "REPLAYED" -> Optional.of(ids.replayed(lane, partition, reply.text(1)));
            case "CONFLICT" -> Optional.of(new Conflict());
            case "SCHEDULE_FULL" -> Optional.of(new ScheduleFull());
            case "DEDUPE_FULL" -> Optional.of(new DedupeFull(Duration.ofMillis(reply.number(1))));
            case "DUE" -> Optional.empty();
            default -> throw new IllegalStateException("schedule.lua answered " + reply.word());
        };
    }
}
