package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Redis;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Wakes idle partitions when something arrives in their streams. It takes nothing out of the streams; what it sees is read again by a fenced
 * script.
 */
sealed interface Doorbell extends AutoCloseable permits SharedDoorbell, PartitionDoorbell {

    /** The one that fits: a command that waits for several streams can't do so over several servers. */
    static Doorbell of(Redis redis) {
        return redis.spread() ? new PartitionDoorbell(redis) : new SharedDoorbell(redis);
    }

    void start();

    /**
     * Waits until one of the streams has an entry after the given id, the time is over, or {@link #ring} is called.
     *
     * @param name by which it can be rung; the same at every time for the streams of a partition
     * @param streams last seen id by stream, all in one slot; may be empty
     * @param rungBefore asked once a ring can't be missed any more: whether not to wait at all
     * @return false if the time is over
     */
    boolean await(String name, Map<String, StreamId> streams, Duration atMost, BooleanSupplier rungBefore) throws InterruptedException;

    /** Wakes whoever waits under the name, as if something had arrived. */
    void ring(String name);

    @Override
    void close();
}
