package dev.millrace.ingest.read;

import dev.millrace.ingest.read.PartitionStatus.DeepLane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Answers how partitions are. Each is one look, hence one moment of that partition. */
public final class PartitionStatuses {
    private static final Script PARTITION = Script.load(PartitionStatuses.class, "partition");
    /** Bounds one script's run to a few milliseconds, because Redis does nothing else meanwhile. */
    private static final int COUNTS_SEEN = 5_000;
    private static final int DEEPEST = 5;
    /** Partitions that are asked at once, so that events get their turn in between. */
    private static final int AT_ONCE = 16;

    private final Redis redis;
    private final Namespace namespace;

    public PartitionStatuses(Redis redis, Namespace namespace) {
        this.redis = redis;
        this.namespace = namespace;
    }

    /** How many partitions there are. */
    public int count() {
        return namespace.partitions().count();
    }

    /**
     * Partitions in the order of their numbers.
     *
     * @param first the number of the first
     * @param limit how many at most
     * @throws RedisUnavailableException if Redis can't be asked
     */
    public List<PartitionStatus> list(int first, int limit) {
        int end = (int) Math.min((long) first + limit, count());
        List<PartitionStatus> statuses = new ArrayList<>();
        for (int from = first; from < end; from += AT_ONCE) {
            List<CompletionStage<Reply>> replies = new ArrayList<>();
            for (int partition = from; partition < Math.min(from + AT_ONCE, end); partition++) {
                replies.add(ask(partition));
            }
            for (int i = 0; i < replies.size(); i++) {
                statuses.add(status(from + i, redis.await(replies.get(i))));
            }
        }
        return statuses;
    }

    private CompletionStage<Reply> ask(int partition) {
        Keyspace keys = namespace.keys();
        return redis.evalAsync(PARTITION,
                List.of(keys.lease(partition, Keyspace.PROCESSORS), keys.events(partition, Priority.HIGH),
                        keys.events(partition, Priority.NORMAL), keys.events(partition, Priority.LOW), keys.scheduled(partition),
                        keys.dead(partition), keys.depth(partition), keys.tries(partition), keys.paused(partition)),
                Args.of(Keyspace.PROCESSORS, Keyspace.DEPTH_UNPERSISTED).add(COUNTS_SEEN).add(DEEPEST).list());
    }

    private static PartitionStatus status(int partition, Reply reply) {
        long leaseLeftMs = reply.number(3);
        String owner = leaseLeftMs > 0 && !reply.text(1).isEmpty() ? reply.text(1) : null;
        Map<String, Long> backlog = new LinkedHashMap<>();
        int i = 0;
        for (Priority priority : List.of(Priority.HIGH, Priority.NORMAL, Priority.LOW)) {
            backlog.put(priority.word(), reply.list(4).number(i));
            i++;
        }
        return new PartitionStatus(partition, owner, reply.text(2).isEmpty() ? null : reply.number(2), owner == null ? 0 : leaseLeftMs,
                backlog, reply.number(5), reply.number(6), reply.text(7).isEmpty() ? null : reply.number(7), reply.number(8),
                reply.number(9), reply.number(10), reply.number(11), deepest(reply.list(13)), reply.number(12) == 1);
    }

    private static List<DeepLane> deepest(Reply counts) {
        List<DeepLane> lanes = new ArrayList<>();
        for (int i = 0; i + 1 < counts.size(); i += 2) {
            // l:<client>/<lane> or l:<priority>/<client>/<lane>; no name holds a slash.
            String[] parts = counts.text(i).substring(2).split("/", 3);
            int client = parts.length - 2;
            String priority = client == 0 ? Priority.NORMAL.word() : parts[0];
            lanes.add(new DeepLane(parts[client], parts[client + 1], priority, counts.number(i + 1)));
        }
        return lanes;
    }
}
