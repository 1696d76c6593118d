package dev.millrace.ingest.limit;

import dev.millrace.schema.redis.RedisUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what came and what was refused, and writes it to Redis and refusals to the log, too, every second: a request costs an addition
 * in memory. What can't be written for long is forgotten, never waited for.
 */
public final class Traffic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);
    private static final Duration EVERY = Duration.ofSeconds(1);
    /** What is remembered between two writes; past it, further clients, routes and addresses are not. */
    private static final int REMEMBERED_MAX = 10_000;
    /** Reasons that one line of the log names. */
    private static final int LOGGED = 5;

    private final Usages usages;
    private final Refusals refusals;
    private final InstantSource clock;
    private final Map<Use, Usage> used = new ConcurrentHashMap<>();
    private final Map<Reason, Long> refused = new ConcurrentHashMap<>();
    private @Nullable Thread loop;

    /**
     * Remembers; {@link #start} begins to write.
     */
    public Traffic(Usages usages, Refusals refusals, InstantSource clock) {
        this.usages = usages;
        this.refusals = refusals;
        this.clock = clock;
    }

    private record Use(Instant minute, String client, String route) {}

    /**
     * Why a request was refused, and whose.
     *
     * @see Refusal
     */
    public record Reason(String why, @Nullable String client, @Nullable String user, String address, String route) {}

    /** Counts a request that was answered. */
    public void answered(String client, String route, int status) {
        Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
        add(Usage.of(minute, client, route, status));
    }

    private void add(Usage usage) {
        Use use = new Use(usage.minute(), usage.client(), usage.route());
        if (used.size() < REMEMBERED_MAX || used.containsKey(use)) {
            used.merge(use, usage, Usage::plus);
        }
    }

    /** Counts requests that were refused, or items of one. */
    public void refused(Reason reason, long count) {
        if (refused.size() < REMEMBERED_MAX || refused.containsKey(reason)) {
            refused.merge(reason, count, Long::sum);
        }
    }

    /** Begins to write. */
    public synchronized void start() {
        if (loop == null) {
            loop = Thread.ofVirtual().name("traffic").start(this::runUntilClosed);
        }
    }

    private void runUntilClosed() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(EVERY);
                runOnce();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Writes what there is. Usage that Redis did not take is kept for the next time. */
    public void runOnce() {
        List<Refusal> entries = taken();
        log(entries);
        try {
            if (!entries.isEmpty()) {
                refusals.note(entries);
            }
        } catch (RuntimeException e) {
            LOG.debug("{} kinds of refusals were not noted: {}", entries.size(), e.toString());
        }
        List<Usage> counted = new ArrayList<>();
        for (Use use : List.copyOf(used.keySet())) {
            Usage usage = used.remove(use);
            if (usage != null) {
                counted.add(usage);
            }
        }
        Usages.grouped(counted).forEach(this::write);
    }

    private void write(List<Usage> group) {
        try {
            usages.add(group);
        } catch (RedisUnavailableException e) {
            if (!e.outcomeUnknown()) {
                group.forEach(this::add);
            }
        } catch (RuntimeException e) {
            LOG.warn("requests can't be counted: {}", e.toString());
        }
    }

    private List<Refusal> taken() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        List<Refusal> entries = new ArrayList<>();
        for (Reason reason : List.copyOf(refused.keySet())) {
            Long count = refused.remove(reason);
            if (count != null) {
                entries.add(new Refusal(now, reason.why(), reason.client(), reason.user(), reason.address(), reason.route(), count));
            }
        }
        return entries;
    }

    private static void log(List<Refusal> entries) {
        if (!entries.isEmpty()) {
            String most = entries.stream().sorted(Comparator.comparingLong(Refusal::count).reversed()).limit(LOGGED)
                    .map(entry -> entry.count() + " of " + (entry.client() == null ? entry.address() : entry.client()) + " to "
                            + entry.route() + " by " + entry.why())
                    .collect(Collectors.joining("; "));
            LOG.info("refused {} requests: {}{}", entries.stream().mapToLong(Refusal::count).sum(), most,
                    entries.size() > LOGGED ? "; and others" : "");
        }
    }

    /** Writes the rest and ends. */
    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.interrupt();
            loop = null;
            runOnce();
        }
    }
}
