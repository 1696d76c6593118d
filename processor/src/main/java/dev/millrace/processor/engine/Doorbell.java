package dev.millrace.processor.engine;

import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Redis;
import java.time.Duration;
import java.util.Map;

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
     * Waits until one of the streams of a partition has an entry after the id that stands beside it, the time is over, or {@link #ring} is
     * called.
     *
     * @return false if the time is over
     */
    boolean await(Map<String, StreamId> after, Duration atMost) throws InterruptedException;

    /** The same for one stream. */
    default boolean await(String stream, StreamId last, Duration atMost) throws InterruptedException {
        return await(Map.of(stream, last), atMost);
    }

    /** Wakes whoever waits for the stream, as if something had arrived. */
    void ring(String stream);

    @Override
    void close();
}
