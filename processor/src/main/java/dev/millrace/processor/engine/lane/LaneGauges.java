package dev.millrace.processor.engine.lane;

import dev.millrace.schema.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The meters of the lanes of this process. */
final class LaneGauges {
    private static final Logger LOG = LoggerFactory.getLogger(LaneGauges.class);
    private static final int HOT = 1_000;

    private final Map<LaneWork, Seen> seen = new ConcurrentHashMap<>();
    private final Map<Integer, Boolean> full = new ConcurrentHashMap<>();
    private final Counter completed;
    private final Counter died;

    /** What a partition's lanes were like at the end of its last step. */
    private record Seen(int lanes, int events, int held, long hot) {}

    LaneGauges(MeterRegistry registry) {
        completed = Metric.COMPLETED.counter(registry);
        died = Metric.DEAD.counter(registry);
        Metric.LANES_IN_HAND.gauge(registry, () -> sum(Seen::lanes));
        Metric.WINDOW.gauge(registry, () -> sum(Seen::events));
        Metric.LANES_HELD.gauge(registry, () -> sum(Seen::held));
        Metric.LANES_HOT.gauge(registry, () -> sum(Seen::hot));
    }

    void tell(LaneWork work, Lanes lanes) {
        if (lanes.isEmpty()) {
            seen.remove(work);
        } else {
            seen.put(work, new Seen(lanes.size(), lanes.events(), lanes.held(), lanes.longerThan(HOT)));
        }
    }

    void forget(LaneWork work) {
        seen.remove(work);
    }

    void ended(Turn turn, StateHandler.Step step) {
        completed.increment(step.applied().size());
        completed.increment(turn.completed());
        died.increment(turn.letters().size());
        if (!turn.letters().isEmpty()) {
            full.clear();
        }
    }

    void deadFull(int partition) {
        if (full.put(partition, true) == null) {
            LOG.error("partition {}: the dead letters are full; events that should become some wait with their lanes."
                    + " Redrive or delete some, or raise MILLRACE_DEAD_MAX; nothing is dropped", partition);
        }
    }

    private long sum(ToLongFunction<Seen> what) {
        return seen.values().stream().mapToLong(what).sum();
    }
}
