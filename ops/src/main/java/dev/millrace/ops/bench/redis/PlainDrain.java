package dev.millrace.ops.bench.redis;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Reads streams to their end and deletes what it has read: XREADGROUP, XACK and XDEL, five hundred entries at a time, all streams side by side,
 * with nothing looked at and nothing decided.
 */
public final class PlainDrain implements AutoCloseable {
    private static final int COUNT = 500;
    private static final String GROUP = "plain";

    private final List<StatefulRedisConnection<String, byte[]>> connections;
    private final List<String> streams;
    private final LongAdder drained = new LongAdder();

    private PlainDrain(List<StatefulRedisConnection<String, byte[]>> connections, List<String> streams) {
        this.connections = connections;
        this.streams = streams;
    }

    static PlainDrain prepare(RedisClient client, List<String> streams, int connections) {
        List<StatefulRedisConnection<String, byte[]>> open = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            open.add(client.connect(PlainRedis.CODEC));
        }
        PlainDrain drain = new PlainDrain(open, streams);
        for (String stream : drain.streams) {
            open.getFirst().sync().xgroupCreate(StreamOffset.from(stream, "0"), GROUP, XGroupCreateArgs.Builder.mkstream());
        }
        return drain;
    }

    /**
     * Runs until all streams are empty.
     *
     * @param writes further writes for each batch, or null for none
     * @return how many entries were read
     */
    public long run(@Nullable PlainWrites writes) throws InterruptedException {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < streams.size(); i++) {
            ends.add(readOn(connections.get(i % connections.size()).async(), streams.get(i), writes).toCompletableFuture());
        }
        Answers.await(CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)));
        return drained.sum();
    }

    private CompletionStage<Void> readOn(RedisAsyncCommands<String, byte[]> commands, String stream, @Nullable PlainWrites writes) {
        return commands.xreadgroup(Consumer.from(GROUP, GROUP), XReadArgs.Builder.count(COUNT), newEntries(stream))
                .thenCompose(batch -> {
                    if (batch.isEmpty()) {
                        return CompletableFuture.completedStage(null);
                    }
                    drained.add(batch.size());
                    String[] ids = batch.stream().map(StreamMessage::getId).toArray(String[]::new);
                    CompletionStage<
                            ?> written = writes == null ? CompletableFuture.completedStage(null) : writes.send(commands, stream, batch);
                    CompletionStage<Long> acknowledged = commands.xack(stream, GROUP, ids);
                    CompletionStage<Long> deleted = commands.xdel(stream, ids);
                    return CompletableFuture.allOf(written.toCompletableFuture(), acknowledged.toCompletableFuture(),
                            deleted.toCompletableFuture(), readOn(commands, stream, writes).toCompletableFuture());
                });
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static StreamOffset<String>[] newEntries(String stream) {
        return new StreamOffset[]{StreamOffset.lastConsumed(stream)};
    }

    @Override
    public void close() {
        streams.forEach(stream -> connections.getFirst().sync().xgroupDestroy(stream, GROUP));
        connections.forEach(StatefulRedisConnection::close);
    }
}
