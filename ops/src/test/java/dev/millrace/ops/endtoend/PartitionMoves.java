package dev.millrace.ops.endtoend;

import dev.millrace.processor.engine.Rendezvous;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks on, many times a second, while processors come and go: how often a partition passed from one to another, and how often it had to,
 * since the members and rendezvous hashing said so.
 */
final class PartitionMoves implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(20);

    private final Redis redis;
    private final Keyspace keys;
    private final int partitions;
    private final Map<Integer, String> owners = new HashMap<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("partition-moves").factory());
    private final Future<?> looking;
    private Map<Integer, String> meant = Map.of();
    private Set<String> members = Set.of();
    private volatile boolean open = true;
    private volatile int moved;
    private volatile int needed;
    private volatile boolean atHome;

    private PartitionMoves(Redis redis, Namespace namespace) {
        this.redis = redis;
        this.keys = namespace.keys();
        this.partitions = namespace.partitions().count();
        look();
        this.looking = thread.submit(this::lookUntilClosed);
    }

    /** Begins to look, from how things are now. */
    static PartitionMoves watch(Installation installation) {
        return new PartitionMoves(installation.redis, installation.namespace);
    }

    /** How often a partition was taken over from another processor. */
    int moved() {
        return moved;
    }

    /** How often one had to be, as the members changed. */
    int needed() {
        return needed;
    }

    /** Whether every partition is where it belongs. */
    boolean atHome() {
        return atHome;
    }

    private void lookUntilClosed() {
        while (open) {
            look();
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    // One thread looks, and others read what it has counted.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void look() {
        CompletionStage<List<byte[]>> named = redis.command(keys.members(Keyspace.PROCESSORS),
                (commands, at) -> commands.zrange(at, 0, -1));
        List<CompletionStage<byte[]>> leases = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            leases.add(redis.command(keys.lease(partition, Keyspace.PROCESSORS), (commands, at) -> commands.hget(at, "owner")));
        }
        Set<String> now = new TreeSet<>();
        redis.await(named).forEach(member -> now.add(new String(member, StandardCharsets.UTF_8)));
        if (!now.equals(members)) {
            Map<Integer, String> next = Rendezvous.owners(partitions, now);
            needed += (int) meant.entrySet().stream().filter(was -> !was.getValue().equals(next.get(was.getKey()))).count();
            members = now;
            meant = next;
        }
        for (int partition = 0; partition < partitions; partition++) {
            byte[] found = redis.await(leases.get(partition));
            String owner = found == null ? "" : new String(found, StandardCharsets.UTF_8);
            if (!owner.isEmpty()) {
                String before = owners.put(partition, owner);
                moved += before == null || before.equals(owner) ? 0 : 1;
            }
        }
        atHome = owners.equals(meant);
    }

    @Override
    public void close() {
        open = false;
        thread.shutdown();
        try {
            looking.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("nobody looked on to the end", e);
        }
    }
}
