package dev.millrace.ingest.watch;

import dev.millrace.schema.event.Priority;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Args;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.redis.Reply;
import dev.millrace.schema.redis.Script;
import dev.millrace.schema.settings.AdmissionSettings;
import dev.millrace.schema.settings.EngineSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures every few seconds how full the fullest partition is of each thing that has a bound, whoever owns it: where nobody works a
 * partition, it fills up all the same. And every second how full the memory of the fullest Redis is, because events are shed by that.
 */
public final class FillLevels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FillLevels.class);
    private static final Script FILL = Script.load(FillLevels.class, "fill");
    private static final Duration MEMORY_EVERY = Duration.ofSeconds(1);
    /** Looks at the memory for each look at the partitions. */
    private static final int LOOKS = 5;
    private static final String MEMORY = "memory";
    private static final Pattern SECTION = Pattern.compile("# Memory");
    private static final Pattern FIELD = Pattern.compile("(?m)^(used_memory|mem_not_counted_for_evict|maxmemory):([0-9]+)\\r?$");
    /** Partitions that are asked at once, so that events get their turn in between. */
    private static final int AT_ONCE = 16;

    private final Map<String, Integer> bounds = new LinkedHashMap<>();
    private final long dedupeWindowMs;
    private final InstantSource clock;
    private volatile Map<String, Double> levels = Map.of();
    private volatile double memory = Double.NaN;
    private @Nullable Thread loop;

    /**
     * Registers the gauges; {@link #start} begins to measure.
     *
     * @param pausesMax lanes of a partition that may be paused
     * @param clock says which dedupe window it is, closely enough
     */
    public FillLevels(AdmissionSettings admission, EngineSettings engine, int pausesMax, InstantSource clock, MeterRegistry registry) {
        // In the order of what the script answers.
        bounds.put("queue", admission.queueMax());
        bounds.put("pending", admission.queueMax());
        bounds.put("schedule", admission.scheduledMax());
        bounds.put("dead", engine.deadMax());
        bounds.put("unpersisted", engine.unpersistedMax());
        bounds.put("dedupe", admission.dedupeMax());
        bounds.put("pauses", pausesMax);
        this.dedupeWindowMs = admission.dedupeWindow().toMillis();
        this.clock = clock;
        bounds.keySet().forEach(bound -> Metric.FILL.gauge(registry, () -> levels.getOrDefault(bound, Double.NaN), bound));
        Metric.FILL.gauge(registry, this::memory, MEMORY);
    }

    /** How much of the memory that the fullest Redis may take is taken, 1 is all; not a number where there is no bound, or none known. */
    public double memory() {
        return memory;
    }

    /** Begins to measure. */
    public synchronized void start(Redis redis, Namespace namespace) {
        if (loop == null) {
            loop = Thread.ofVirtual().name("fill-levels").start(() -> runUntilClosed(redis, namespace));
        }
    }

    private void runUntilClosed(Redis redis, Namespace namespace) {
        for (int look = 0; !Thread.currentThread().isInterrupted(); look++) {
            try {
                if (look % LOOKS == 0) {
                    runOnce(redis, namespace);
                } else {
                    lookAtMemory(redis);
                }
                Thread.sleep(MEMORY_EVERY);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Measures once; while Redis is away, nothing is known. */
    public void runOnce(Redis redis, Namespace namespace) {
        lookAtMemory(redis);
        Map<String, Double> fullest = new LinkedHashMap<>();
        try {
            int partitions = namespace.partitions().count();
            for (int from = 0; from < partitions; from += AT_ONCE) {
                List<CompletionStage<Reply>> replies = new ArrayList<>();
                for (int partition = from; partition < Math.min(from + AT_ONCE, partitions); partition++) {
                    replies.add(ask(redis, namespace.keys(), partition));
                }
                for (CompletionStage<Reply> reply : replies) {
                    weigh(redis.await(reply), fullest);
                }
            }
            levels = Map.copyOf(fullest);
        } catch (RedisUnavailableException e) {
            levels = Map.of();
            LOG.debug("how full partitions are is not known: {}", e.getMessage());
        } catch (RuntimeException e) {
            levels = Map.of();
            LOG.warn("how full partitions are can't be measured: {}", e.toString());
        }
    }

    private void lookAtMemory(Redis redis) {
        try {
            memory = SECTION.splitAsStream(redis.info("memory")).mapToDouble(FillLevels::memoryOf).filter(fill -> !Double.isNaN(fill)).max()
                    .orElse(Double.NaN);
        } catch (RuntimeException e) {
            memory = Double.NaN;
            LOG.debug("how full the memory is is not known: {}", e.toString());
        }
    }

    /** Of what one server says; what goes to replicas and into the append-only file is not counted, because Redis doesn't. */
    private static double memoryOf(String info) {
        Map<String, Long> fields = FIELD.matcher(info).results()
                .collect(Collectors.toMap(field -> field.group(1), field -> Long.parseLong(field.group(2))));
        long max = fields.getOrDefault("maxmemory", 0L);
        long used = fields.getOrDefault("used_memory", 0L) - fields.getOrDefault("mem_not_counted_for_evict", 0L);
        return max == 0 ? Double.NaN : (double) used / max;
    }

    private CompletionStage<Reply> ask(Redis redis, Keyspace keys, int partition) {
        return redis.evalAsync(FILL,
                List.of(keys.events(partition, Priority.HIGH), keys.events(partition, Priority.NORMAL),
                        keys.events(partition, Priority.LOW), keys.scheduled(partition), keys.dead(partition), keys.depth(partition),
                        keys.once(partition, clock.millis() / dedupeWindowMs), keys.paused(partition)),
                Args.of(Keyspace.PROCESSORS, Keyspace.DEPTH_UNPERSISTED).list());
    }

    private void weigh(Reply reply, Map<String, Double> fullest) {
        int item = 1;
        for (Map.Entry<String, Integer> bound : bounds.entrySet()) {
            fullest.merge(bound.getKey(), (double) reply.number(item) / bound.getValue(), Math::max);
            item++;
        }
    }

    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.interrupt();
            loop = null;
        }
        memory = Double.NaN;
        levels = Map.of();
    }
}
