package dev.millrace.schema.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.schema.redis.TrackedConnection.Beat;
import dev.millrace.schema.redis.TrackedConnection.Changes;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hashes that this process keeps as long as Redis says that they have not changed, so that reading one again asks nothing of Redis.
 *
 * <p>
 * What is kept is used while every change older than 100 ms is certain to have been heard of; it was read through the very connection that
 * tells of its changes, so that none can slip in between. When that connection ends or falls silent, nothing that came through it is used
 * any more: each reading asks Redis. Only if Redis can't be asked at all is the last that was known of a key taken for what it is, and for
 * an hour at most.
 *
 * @param <V> what is made of a hash; must be immutable
 */
public final class NearCache<V> implements AutoCloseable {
    private static final long LAST_KNOWN_NANOS = Duration.ofHours(1).toNanos();

    private final Redis redis;
    private final Function<Map<String, byte[]>, V> reading;
    private final Cache<String, Kept<V>> kept;
    private final Cache<String, Known<V>> lastKnown;
    private final Tracker tracker;

    /**
     * @param tracking makes what tells of changes
     * @param max how many hashes are kept at most
     * @param reading what to make of a hash; it is empty where there is none
     */
    NearCache(Redis redis, Function<Changes, Tracker> tracking, int max, Function<Map<String, byte[]>, V> reading) {
        this.redis = redis;
        this.reading = reading;
        this.kept = Caffeine.newBuilder().maximumSize(max).build();
        this.lastKnown = Caffeine.newBuilder().maximumSize(max).build();
        this.tracker = tracking.apply(new Changes() {
            @Override
            public void changed(String key) {
                kept.invalidate(key);
                lastKnown.invalidate(key);
            }

            @Override
            public void allChanged() {
                kept.invalidateAll();
                lastKnown.invalidateAll();
            }
        });
    }

    /**
     * @param through over which it was asked for, and which tells of changes
     * @param value under way, or read
     */
    private record Kept<V>(TrackedConnection through, CompletableFuture<V> value) {}

    /**
     * @param through which tells of changes, or null if nothing did
     * @param askedNanos when it was asked for
     */
    private record Known<V>(V value, @Nullable TrackedConnection through, long askedNanos) {
        /** Since when it may be otherwise. */
        long nanos() {
            Beat beat = through == null ? null : through.last();
            return beat == null ? askedNanos : Math.max(askedNanos, beat.nanos());
        }
    }

    /**
     * What the hash of a key is.
     *
     * @throws RedisUnavailableException if it is not known, and Redis can't be asked
     */
    public V get(String key) {
        TrackedConnection through = tracker.of(key);
        if (through == null) {
            return ask(key);
        }
        Kept<V> there = kept.getIfPresent(key);
        try {
            return redis.await((there != null && there.through().equals(through) ? there : load(key, through)).value());
        } catch (RedisUnavailableException | RedisException e) {
            // Not this way, then: the key may be moving to another server, or the connection has just ended.
            return ask(key);
        }
    }

    /**
     * The same, read now: for whoever has reason to think that word of a change is still on its way.
     *
     * @throws RedisUnavailableException if it is not known, and Redis can't be asked
     */
    public V fresh(String key) {
        kept.invalidate(key);
        return get(key);
    }

    /** One reading for all who want it now. It is there before its answer is, so that a change that is told meanwhile removes it. */
    private Kept<V> load(String key, TrackedConnection through) {
        Kept<V> mine = new Kept<>(through, new CompletableFuture<>());
        Kept<V> loading = kept.asMap().compute(key, (_, there) -> there != null && there.through().equals(through) ? there : mine);
        if (loading.equals(mine)) {
            long askedNanos = System.nanoTime();
            var _ = through.hgetall(key).thenApply(reading).whenComplete((value, failure) -> {
                if (failure == null) {
                    know(key, new Known<>(value, through, askedNanos));
                    mine.value().complete(value);
                } else {
                    kept.asMap().remove(key, mine);
                    mine.value().completeExceptionally(Failure.cause(failure));
                }
            });
        }
        return loading;
    }

    private V ask(String key) {
        long askedNanos = System.nanoTime();
        try {
            V value = redis.await(redis.command(key, RedisAsyncCommands::hgetall).thenApply(reading));
            know(key, new Known<>(value, null, askedNanos));
            return value;
        } catch (RedisUnavailableException e) {
            Known<V> known = lastKnown.getIfPresent(key);
            if (known == null || System.nanoTime() - known.nanos() > LAST_KNOWN_NANOS) {
                throw e;
            }
            return known.value();
        }
    }

    private void know(String key, Known<V> known) {
        lastKnown.asMap().merge(key, known, (before, now) -> before.askedNanos() - now.askedNanos() > 0 ? before : now);
    }

    /**
     * What time it is where a key is, in ms since 1970. Never earlier than it is there.
     *
     * @throws RedisUnavailableException if Redis has never said and can't be asked
     */
    public long nowMs(String key) {
        Beat beat = tracker.lastBeat(key);
        if (beat != null) {
            return beat.nowMs();
        }
        List<byte[]> time = redis.await(redis.command(key, (commands, _) -> commands.time()));
        return Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)) * 1_000 + 999;
    }

    @Override
    public void close() {
        tracker.close();
    }
}
