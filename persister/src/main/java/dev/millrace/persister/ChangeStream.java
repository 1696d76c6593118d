package dev.millrace.persister;

import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.processor.engine.Lease;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The far end of the partitions' streams of changes: finishes what the books have, and deletes what nobody needs any more. */
final class ChangeStream {
    private static final Script PERSISTED = Script.load(ChangeStream.class, "persisted");

    private final Redis redis;
    private final Keyspace keys;

    ChangeStream(Redis redis, Keyspace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /**
     * Finishes changes and deletes what is both persisted and on the boards; may be called without changes.
     *
     * @param changes of the lease's partition, committed to Postgres
     * @throws dev.millrace.schema.redis.RedisUnavailableException if Redis is away or did not answer; it may have been done all the same
     */
    Result persisted(Lease lease, List<ChangeEntry> changes) {
        int partition = lease.partition();
        List<byte[]> args = new ArrayList<>(4 + 2 * changes.size());
        args.add(bytes(lease.owner()));
        args.add(bytes(Long.toString(lease.epoch())));
        args.add(bytes(Keyspace.PERSISTER));
        args.add(bytes(Keyspace.DEPTH_UNPERSISTED));
        for (ChangeEntry entry : changes) {
            args.add(bytes(entry.id().toString()));
            args.add(bytes(Integer.toString(entry.change().events())));
        }
        Reply reply = redis.eval(PERSISTED,
                List.of(keys.lease(partition, Keyspace.PERSISTER), keys.changes(partition), keys.boarded(partition),
                        keys.depth(partition)),
                args);
        return switch (reply.word()) {
            case "DONE" -> new Result.Done((int) reply.number(1), (int) reply.number(2));
            case "FENCED" -> new Result.Fenced();
            default -> throw new IllegalStateException("persisted.lua answered " + reply.word());
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What became of it. */
    sealed interface Result {
        /**
         * It was done.
         *
         * @param acked changes that were pending until now
         * @param trimmed entries that were deleted
         */
        record Done(int acked, int trimmed) implements Result {}

        /** The lease has passed to another owner or epoch; nothing was written. */
        record Fenced() implements Result {}
    }
}
