package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.Feed;
import dev.millrace.processor.engine.PartitionHandler;
import dev.millrace.processor.engine.PartitionWork;
import dev.millrace.processor.engine.Schedule;
import dev.millrace.processor.engine.Tenure;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.settings.EngineSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.random.RandomGenerator;

/** Works the events of partitions lane by lane. */
public final class LaneHandler implements PartitionHandler {
    private final Shared shared;

    /** What the work on all partitions has in common. */
    record Shared(LaneScripts scripts, Schedule schedule, Effects effects, StateHandler states, Clock clock, Backoff backoff, int batchMax,
            LaneGauges gauges) {}

    /**
     * Wires the lanes.
     *
     * @param clock for due times, the books and latencies; no order rests on it
     */
    public LaneHandler(Redis redis, Keyspace keys, StateHandler states, Effects effects, EngineSettings settings, Clock clock,
            MeterRegistry registry) {
        this.shared = new Shared(new LaneScripts(redis, keys, settings.deadMax()), new Schedule(redis, keys), effects, states, clock,
                new Backoff(RandomGenerator.getDefault()), settings.batchMax(), new LaneGauges(registry));
    }

    /** What an engine must read for this handler: the streams of all priorities. */
    public static Feed feed(Keyspace keys, EngineSettings settings) {
        return new Feed(Keyspace.PROCESSORS,
                partition -> LaneScripts.STREAMS.stream().map(priority -> keys.events(partition, priority)).toList(),
                LaneScripts.STREAMS.stream().map(priority -> Turns.WEIGHTS.getOrDefault(priority, 1)).toList(), settings.batchMax(),
                settings.unpersistedMax());
    }

    @Override
    public PartitionWork begin(Tenure tenure, Runnable wake) {
        return new LaneWork(tenure, wake, shared);
    }
}
