package dev.millrace.persister;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.RealRedis;
import dev.millrace.ops.testkit.RedisSpace;
import dev.millrace.persister.ChangeStream.Result;
import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.processor.engine.Lease;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.Settings;
import io.lettuce.core.Consumer;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealRedis(own = true)
final class ChangeStreamTest {
    private static final int PARTITION = 3;
    // Above 2^53, where a number that went through Lua's text form would lose its end.
    private static final long EPOCH = 1_790_000_000_123_457L;
    private static final Lease LEASE = new Lease(PARTITION, "me", EPOCH);

    private final RedisSpace space;
    private final Keyspace keys;
    private final Redis redis;
    private final ChangeStream changes;

    ChangeStreamTest(RedisSpace space) {
        this.space = space;
        this.keys = new Keyspace(space.namespace());
        this.redis = Redis.connect(Settings.read(Map.of("REDIS_URL", space.uri(), "MILLRACE_NAMESPACE", space.namespace())).redis(),
                Duration.ofSeconds(5));
        this.changes = new ChangeStream(redis, keys);
    }

    @BeforeEach
    void claim() {
        space.clear();
        String lease = keys.lease(PARTITION, Keyspace.PERSISTER);
        hset(lease, "owner", "me");
        hset(lease, "epoch", Long.toString(EPOCH));
        redis.await(redis.command(stream(), (commands, at) -> commands.xgroupCreate(StreamOffset.from(at, "0"), Keyspace.PERSISTER,
                XGroupCreateArgs.Builder.mkstream())));
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Test
    void whatIsPersistedIsAcknowledgedAndTakenOffTheCount() {
        add("10-0", "10-1", "11-0");
        deliver(3);
        unpersisted(10);

        assertThat(persisted("10-0:2", "10-1:3")).isEqualTo(new Result.Done(2, 0));

        assertThat(pending()).containsExactly("11-0");
        assertThat(unpersisted()).isEqualTo("5");
        assertThat(entries()).hasSize(3);
    }

    @Test
    void whatIsAcknowledgedTwiceCountsOnce() {
        add("10-0", "10-1");
        deliver(2);
        unpersisted(10);
        persisted("10-0:4");

        assertThat(persisted("10-0:4", "10-1:4")).isEqualTo(new Result.Done(1, 0));

        assertThat(unpersisted()).isEqualTo("2");
    }

    @Test
    void aCountThatReachesZeroIsGone() {
        add("10-0", "10-1");
        deliver(2);
        unpersisted(5);

        persisted("10-0:5");
        assertThat(unpersisted()).isNull();
        persisted("10-1:5");
        assertThat(unpersisted()).isNull();
    }

    @Test
    void anotherOwnerOrEpochIsRefusedAndNothingIsWritten() {
        add("10-0");
        deliver(1);
        unpersisted(5);
        boarded("10-0");

        for (Lease stale : List.of(new Lease(PARTITION, "me", EPOCH - 1), new Lease(PARTITION, "you", EPOCH))) {
            assertThat(changes.persisted(stale, List.of(change("10-0", 5)))).isEqualTo(new Result.Fenced());
        }
        hset(keys.lease(PARTITION, Keyspace.PERSISTER), "owner", "");
        assertThat(persisted("10-0:5")).isEqualTo(new Result.Fenced());

        assertThat(pending()).containsExactly("10-0");
        assertThat(unpersisted()).isEqualTo("5");
        assertThat(entries()).containsExactly("10-0");
    }

    @Test
    void whatIsPersistedAndOnTheBoardsIsDeleted() {
        add("10-0", "10-1", "10-2", "11-0");
        deliver(4);
        boarded("10-1");

        assertThat(persisted("10-0:1", "10-1:1", "10-2:1")).isEqualTo(new Result.Done(3, 2));

        assertThat(entries()).containsExactly("10-2", "11-0");
    }

    @Test
    void nothingFromTheOldestUnpersistedChangeOnIsDeleted() {
        add("10-0", "10-1", "10-2", "11-0");
        deliver(4);
        boarded("11-0");

        assertThat(persisted("10-0:1", "10-2:1")).isEqualTo(new Result.Done(2, 1));

        assertThat(entries()).containsExactly("10-1", "10-2", "11-0");
        assertThat(pending()).containsExactly("10-1", "11-0");
    }

    @Test
    void whatWasNotReadYetIsNotDeleted() {
        add("10-0", "10-1", "10-2");
        deliver(2);
        boarded("10-2");

        assertThat(persisted("10-0:1", "10-1:1")).isEqualTo(new Result.Done(2, 2));

        assertThat(entries()).containsExactly("10-2");
    }

    @Test
    void withoutAWordFromTheBoardsNothingIsDeleted() {
        add("10-0", "10-1");
        deliver(2);

        assertThat(persisted("10-0:1", "10-1:1")).isEqualTo(new Result.Done(2, 0));
        assertThat(entries()).hasSize(2);

        boarded("10-1");
        assertThat(persisted()).isEqualTo(new Result.Done(0, 2));
        assertThat(entries()).isEmpty();
    }

    @Test
    void idsAreComparedAsNumbersAndWrittenInFull() {
        add("9-10", "9-9999", "1790000000123-0", "1790000000123-12345678901");
        deliver(4);
        boarded("1790000000123-12345678901");

        assertThat(persisted("9-10:1")).isEqualTo(new Result.Done(1, 1));
        assertThat(persisted("9-9999:1", "1790000000123-0:1")).isEqualTo(new Result.Done(2, 2));
        assertThat(persisted("1790000000123-12345678901:1")).isEqualTo(new Result.Done(1, 1));
    }

    @Test
    void boardsThatAreAheadOfAnEmptyGroupDeleteNothing() {
        add("10-0");
        boarded("99-0");

        assertThat(persisted()).isEqualTo(new Result.Done(0, 0));
        assertThat(entries()).containsExactly("10-0");
    }

    @Test
    void aStreamOrGroupThatIsGoneIsNoFailure() {
        unpersisted(5);
        boarded("10-0");
        redis.await(redis.command(stream(), (commands, at) -> commands.del(at)));
        assertThat(persisted("10-0:5")).isEqualTo(new Result.Done(0, 0));

        add("10-0");
        assertThat(persisted("10-0:5")).isEqualTo(new Result.Done(0, 0));
        assertThat(entries()).hasSize(1);
        assertThat(unpersisted()).isEqualTo("5");
    }

    @Test
    void whatDoesNotReadIsRefusedBeforeAnythingIsWritten() {
        add("10-0", "10-1");
        deliver(2);
        redis.await(redis.command(keys.depth(PARTITION), (commands, at) -> commands.hset(at, Keyspace.DEPTH_UNPERSISTED, bytes("many"))));

        assertThatThrownBy(() -> persisted("10-0:1")).isInstanceOf(RedisCommandExecutionException.class).hasMessageContaining("many");

        assertThat(pending()).containsExactly("10-0", "10-1");
    }

    @Test
    void aThousandChangesFitOneCall() {
        String[] ids = IntStream.range(0, 1_000).mapToObj(i -> "10-" + i).toArray(String[]::new);
        add(ids);
        deliver(1_000);
        unpersisted(3_000);
        boarded("10-999");

        assertThat(persisted(Arrays.stream(ids).map(id -> id + ":3").toArray(String[]::new))).isEqualTo(new Result.Done(1_000, 1_000));
        assertThat(unpersisted()).isNull();
    }

    @Test
    void aFullRedisStillDrains() {
        add("10-0");
        deliver(1);
        unpersisted(5);
        boarded("10-0");
        space.server().command("CONFIG", "SET", "maxmemory", "1");
        try {
            assertThat(persisted("10-0:1")).isEqualTo(new Result.Done(1, 1));
        } finally {
            space.server().command("CONFIG", "SET", "maxmemory", "0");
        }
        assertThat(unpersisted()).isEqualTo("4");
    }

    /** Changes as {@code id:events}. */
    private Result persisted(String... done) {
        return changes.persisted(LEASE, Stream.of(done).map(one -> {
            int colon = one.indexOf(':');
            return change(one.substring(0, colon), Integer.parseInt(one.substring(colon + 1)));
        }).toList());
    }

    private static ChangeEntry change(String id, int events) {
        List<EventEnded> ended = IntStream.range(0, events)
                .mapToObj(i -> new EventEnded(new StreamId(1, i), Priority.NORMAL, "acme", "job.email", "lane", Outcome.COMPLETED, 1, null))
                .toList();
        return new ChangeEntry(PARTITION, StreamId.parse(id), new Change(EPOCH, Instant.EPOCH, List.of(), List.of(), ended));
    }

    private void add(String... ids) {
        for (String id : ids) {
            redis.await(redis.command(stream(), (commands, at) -> commands.xadd(at, new XAddArgs().id(id), Map.of("v", bytes("1")))));
        }
    }

    @SuppressWarnings("unchecked") // the client takes offsets as varargs of a generic type
    private void deliver(int count) {
        List<StreamMessage<String, byte[]>> read = redis.await(redis.command(stream(), (commands, at) -> commands.xreadgroup(
                Consumer.from(Keyspace.PERSISTER, Keyspace.CONSUMER), XReadArgs.Builder.count(count),
                StreamOffset.lastConsumed(stream()))));
        assertThat(read).hasSize(count);
    }

    private void boarded(String id) {
        redis.await(redis.command(keys.boarded(PARTITION), (commands, at) -> commands.set(at, bytes(id))));
    }

    private void unpersisted(int events) {
        hset(keys.depth(PARTITION), Keyspace.DEPTH_UNPERSISTED, Integer.toString(events));
    }

    private String unpersisted() {
        byte[] count = redis.hgetall(keys.depth(PARTITION)).get(Keyspace.DEPTH_UNPERSISTED);
        return count == null ? null : new String(count, StandardCharsets.UTF_8);
    }

    private void hset(String key, String field, String value) {
        redis.await(redis.command(key, (commands, at) -> commands.hset(at, field, bytes(value))));
    }

    private List<String> pending() {
        return redis.await(redis.command(stream(), (commands, at) -> commands.xpending(at, Keyspace.PERSISTER, Range.unbounded(),
                Limit.from(10)))).stream().map(message -> message.getId()).toList();
    }

    private List<String> entries() {
        return redis.await(redis.command(stream(), (commands, at) -> commands.xrange(at, Range.unbounded()))).stream()
                .map(message -> message.getId())
                .toList();
    }

    private String stream() {
        return keys.changes(PARTITION);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
