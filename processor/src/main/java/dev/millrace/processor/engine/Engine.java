package dev.millrace.processor.engine;

import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.service.Health;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.EngineSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a consumer group: keeps itself on the member list, takes its share of the partitions, renews their leases apart from the work,
 * gives back what is no longer its share, and runs a {@link PartitionWorker} for each partition it owns.
 */
public final class Engine implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final Duration TICK = Duration.ofMillis(50);
    private static final Duration HEARTBEAT = Duration.ofMillis(300);
    /** How many partitions may be on their way out at once, so that a newcomer does not stop everything. */
    private static final int HANDOVERS = 8;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private final Redis redis;
    private final Feed feed;
    private final int partitions;
    private final String member;
    private final Duration ttl;
    private final Coordination coordination;
    private final Bell bell;
    private final EngineMetrics metrics;
    private final PartitionWorker.Shared shared;
    private final Map<Integer, PartitionWorker> workers = new ConcurrentHashMap<>();
    private final Map<Integer, Thread> threads = new ConcurrentHashMap<>();
    private final Map<Integer, Long> notBeforeNanos = new ConcurrentHashMap<>();
    private volatile List<String> members = List.of();
    private volatile boolean running;
    private long heartbeatDueNanos;
    private long renewDueNanos;
    private @Nullable Thread loop;

    /**
     * Wires an engine.
     *
     * @param member a name that no other process of the group has, at any time
     * @param partitions how many there are
     * @param atWork how many partitions may read and handle at once; bounds what is held in memory to that many batches
     */
    public Engine(Redis redis, Keyspace keys, Feed feed, PartitionHandler handler, String member, int partitions, int atWork,
            EngineSettings settings, MeterRegistry registry) {
        this.redis = redis;
        this.feed = feed;
        this.partitions = partitions;
        this.member = member;
        this.ttl = settings.leaseTtl();
        this.coordination = new Coordination(redis, keys, feed, member, ttl);
        this.bell = new Bell(redis, Map.of(keys.arrivals(feed.group()), this::ring, keys.bell(), this::look), this::lookEverywhere);
        this.metrics = new EngineMetrics(registry, feed.group(), workers::size, this::paused);
        this.shared = new PartitionWorker.Shared(coordination, handler, feed, ttl, new Semaphore(atWork), bell::listening, metrics);
    }

    /** How long the engine's own commands may take: shorter than a lease, or a claim's answer could come when the lease is over. */
    public static Duration redisTimeout(EngineSettings settings) {
        Duration half = settings.leaseTtl().dividedBy(2);
        return half.compareTo(LONGEST_WAIT) < 0 ? half : LONGEST_WAIT;
    }

    @Override
    public String name() {
        return feed.group();
    }

    @Override
    public synchronized void start() {
        if (running) {
            return;
        }
        running = true;
        bell.start();
        loop = Thread.ofVirtual().name(feed.group() + "-engine").start(this::loop);
    }

    private void loop() {
        while (running) {
            try {
                runOnce();
            } catch (RedisUnavailableException e) {
                LOG.debug("{}: {}", feed.group(), e.getMessage());
            } catch (RuntimeException e) {
                LOG.warn("{}: {}", feed.group(), e.toString(), e);
            }
            try {
                Thread.sleep(TICK);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** One round: heartbeat and renewals when due, then the partitions that should come or go. */
    void runOnce() {
        forgetEnded();
        long now = System.nanoTime();
        if (now - renewDueNanos >= 0) {
            renewDueNanos = now + ttl.dividedBy(4).toNanos();
            renewAll();
        }
        if (now - heartbeatDueNanos >= 0) {
            heartbeatDueNanos = now + Math.min(HEARTBEAT.toNanos(), ttl.dividedBy(4).toNanos());
            heartbeat();
        }
        Set<Integer> share = Assignment.shareOf(member, partitions, members);
        handOver(share);
        claim(share);
    }

    /** Where the member list is away, partitions that are elsewhere go on by what was known last. */
    private void heartbeat() {
        try {
            members = coordination.heartbeat();
        } catch (RedisUnavailableException e) {
            if (members.isEmpty()) {
                throw e;
            }
            LOG.debug("{}: no heartbeat: {}", feed.group(), e.getMessage());
        }
    }

    /** Makes a partition's worker read, if this member has the partition. */
    private void ring(int partition) {
        PartitionWorker worker = workers.get(partition);
        if (worker != null) {
            worker.ring();
        }
    }

    /** Makes a partition's worker look for what no stream shows, if this member has the partition. */
    private void look(int partition) {
        PartitionWorker worker = workers.get(partition);
        if (worker != null) {
            worker.look();
        }
    }

    private void lookEverywhere() {
        workers.values().forEach(worker -> {
            worker.ring();
            worker.look();
        });
    }

    private void forgetEnded() {
        workers.values().removeIf(PartitionWorker::ended);
        threads.keySet().retainAll(workers.keySet());
    }

    private void renewAll() {
        for (PartitionWorker worker : workers.values()) {
            Tenure tenure = worker.tenure();
            long sent = System.nanoTime();
            coordination.renew(tenure.leaseUnchecked()).whenComplete((renewed, failure) -> {
                if (failure != null) {
                    LOG.debug("partition {} was not renewed: {}", worker.partition(), failure.toString());
                } else if (renewed) {
                    tenure.renewed(sent, ttl);
                } else {
                    tenure.lost();
                    worker.look();
                }
            });
        }
    }

    private void handOver(Set<Integer> share) {
        long leaving = workers.values().stream().filter(PartitionWorker::isStopping).count();
        for (PartitionWorker worker : workers.values()) {
            if (leaving >= HANDOVERS) {
                return;
            }
            if (!share.contains(worker.partition()) && !worker.isStopping()) {
                worker.stop();
                leaving++;
            }
        }
    }

    private void claim(Set<Integer> share) {
        long now = System.nanoTime();
        List<Claim> claims = new ArrayList<>();
        for (int partition : share) {
            if (!workers.containsKey(partition) && now - notBeforeNanos.getOrDefault(partition, now) >= 0) {
                claims.add(new Claim(partition, System.nanoTime(), coordination.connection(partition), coordination.claim(partition, 0)));
            }
        }
        // All together: one after the other could take as many time-outs, and leases would not be renewed meanwhile.
        settle(claims);
        for (Claim claim : claims) {
            try {
                take(claim, now);
            } catch (RedisUnavailableException e) {
                notBeforeNanos.put(claim.partition(), now + 2 * TICK.toNanos());
                LOG.debug("partition {} could not be claimed: {}", claim.partition(), e.getMessage());
            }
        }
    }

    private void settle(List<Claim> claims) {
        try {
            redis.await(CompletableFuture
                    .allOf(claims.stream().map(claim -> claim.result().toCompletableFuture()).toArray(CompletableFuture[]::new)));
        } catch (RuntimeException e) {
            LOG.debug("{}: not all of {} claims were answered: {}", feed.group(), claims.size(), e.toString());
        }
    }

    private void take(Claim claim, long now) {
        if (!claim.result().toCompletableFuture().isDone()) {
            throw new RedisUnavailableException("no answer yet");
        }
        switch (redis.await(claim.result())) {
            case ClaimResult.Claimed claimed -> begin(claimed, claim);
            case ClaimResult.Held held ->
                notBeforeNanos.put(claim.partition(), now + Math.min(held.left().toNanos(), 2 * TICK.toNanos()));
        }
    }

    private void begin(ClaimResult.Claimed claimed, Claim claim) {
        int partition = claimed.lease().partition();
        metrics.claimed();
        PartitionWorker worker = new PartitionWorker(claimed, claim.sentNanos(), claim.connection(), shared);
        workers.put(partition, worker);
        threads.put(partition, Thread.ofVirtual().name(feed.group() + "-" + partition).start(worker));
        LOG.debug("partition {}: ours in epoch {}", partition, claimed.lease().epoch());
    }

    @Override
    public synchronized void stop(Duration within) {
        if (!running) {
            return;
        }
        long deadline = System.nanoTime() + within.toNanos();
        running = false;
        join(loop, deadline);
        leaveMembers();
        workers.values().forEach(PartitionWorker::stop);
        // Renewals go on while batches are finished, or a slow last batch would be fenced.
        while (workers.values().stream().anyMatch(worker -> !worker.ended()) && System.nanoTime() - deadline < 0) {
            long now = System.nanoTime();
            if (now - renewDueNanos >= 0) {
                renewDueNanos = now + ttl.dividedBy(4).toNanos();
                renewAll();
            }
            join(threads.values().stream().filter(Thread::isAlive).findAny().orElse(null), Math.min(deadline, now + TICK.toNanos()));
        }
        threads.values().forEach(Thread::interrupt);
        forgetEnded();
        bell.close();
    }

    private void leaveMembers() {
        try {
            coordination.leave();
        } catch (RuntimeException e) {
            LOG.info("{}: not taken off the member list, our time there runs out by itself: {}", feed.group(), e.getMessage());
        }
    }

    private static void join(@Nullable Thread thread, long deadlineNanos) {
        if (thread == null) {
            return;
        }
        try {
            thread.join(Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Health health() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("member", member);
        details.put("members", members.size());
        details.put("partitionsOwned", workers.size());
        details.put("partitionsPaused", paused());
        Map<Integer, String> trouble = new LinkedHashMap<>();
        workers.forEach((partition, worker) -> {
            String what = worker.trouble();
            if (what != null) {
                trouble.put(partition, what);
            }
        });
        if (!trouble.isEmpty()) {
            details.put("trouble", trouble);
        }
        if (!running || !redis.available()) {
            return new Health(Health.Status.DOWN, details);
        }
        return new Health(trouble.isEmpty() ? Health.Status.UP : Health.Status.DEGRADED, details);
    }

    private long paused() {
        return workers.values().stream().filter(PartitionWorker::paused).count();
    }

    private record Claim(int partition, long sentNanos, long connection, CompletionStage<ClaimResult> result) {}
}
