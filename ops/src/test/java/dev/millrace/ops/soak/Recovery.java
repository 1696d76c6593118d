package dev.millrace.ops.soak;

import dev.millrace.schema.event.Priority;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.lettuce.core.ScriptOutputType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Measures how long after a fault everything that was accepted before it is worked and in the books: from then on no partition waits for
 * anything. It looks at the oldest entry of every stream, all the time.
 */
final class Recovery implements AutoCloseable {
    /** The bound once a process is gone: its lease runs out, and others go on. */
    static final Duration AFTER_LEASE = Scene.LEASE.plusSeconds(1);
    /** The bound from the moment when a persister stops: the rows of a transaction that it was in are locked until it wakes. */
    static final Duration AFTER_LOCKS = Scene.STOPPED.plusSeconds(5);
    /** The bound once Redis or Postgres is back. */
    static final Duration AFTER_RETURN = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofMillis(25);
    /** The time of the oldest entry of all streams, or nothing. */
    private static final String OLDEST = """
            local oldest
            for i = 1, #KEYS do
              local first = redis.call('XRANGE', KEYS[i], '-', '+', 'COUNT', 1)[1]
              local ms = first and tonumber(string.match(first[1], '^%d+'))
              if ms and (not oldest or ms < oldest) then
                oldest = ms
              end
            end
            return oldest and string.format('%.0f', oldest) or ''
            """;

    private final Redis redis;
    private final String[] streams;
    private final Thread watch;
    // The next three are guarded by this.
    private final List<Long> waiting = new ArrayList<>();
    private Duration longest = Duration.ZERO;
    private Duration usual = Duration.ZERO;
    private boolean faulty;
    private volatile boolean open = true;

    Recovery(Redis redis, Namespace namespace) {
        this.redis = redis;
        List<String> all = new ArrayList<>();
        for (int partition = 0; partition < namespace.partitions().count(); partition++) {
            int of = partition;
            Stream.of(Priority.values()).forEach(priority -> all.add(namespace.keys().events(of, priority)));
            all.add(namespace.keys().changes(partition));
        }
        this.streams = all.toArray(String[]::new);
        this.watch = Thread.ofPlatform().name("recovery").start(this::watch);
    }

    /** A fault has happened just now; or is over just now, if nothing could go on while it lasted. */
    synchronized void from() {
        faulty = true;
        waiting.add(System.currentTimeMillis());
    }

    /** The longest recovery so far. */
    synchronized Duration longest() {
        return longest;
    }

    /** How far back the oldest entry lay at most before the first fault: what this machine needs anyway. */
    synchronized Duration usual() {
        return usual;
    }

    /** Whether everything has recovered that was hit. */
    synchronized boolean isOver() {
        return waiting.isEmpty();
    }

    private void watch() {
        while (open) {
            try {
                byte[] oldest = redis
                        .await(redis.command(streams[0], (commands, _) -> commands.<byte[]>eval(OLDEST, ScriptOutputType.VALUE, streams)));
                saw(oldest.length == 0 ? Long.MAX_VALUE : Long.parseLong(new String(oldest, StandardCharsets.US_ASCII)));
            } catch (RedisUnavailableException away) {
                // Then nothing has recovered yet.
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private synchronized void saw(long oldest) {
        long now = System.currentTimeMillis();
        if (!faulty && oldest != Long.MAX_VALUE) {
            usual = longer(usual, now - oldest);
        }
        waiting.removeIf(fault -> {
            boolean over = oldest > fault;
            if (over) {
                longest = longer(longest, now - fault);
            }
            return over;
        });
    }

    private static Duration longer(Duration one, long otherMs) {
        return one.toMillis() >= otherMs ? one : Duration.ofMillis(otherMs);
    }

    @Override
    public void close() {
        open = false;
        try {
            watch.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
