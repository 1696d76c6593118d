package dev.millrace.processor.engine;

import dev.millrace.schema.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The meters of one engine. */
final class EngineMetrics {
    private final Counter claims;
    private final Counter fenced;
    private final Counter recovered;
    private final Counter vanished;
    private final DistributionSummary entries;
    private final Timer time;

    EngineMetrics(MeterRegistry registry, String group, Supplier<Number> owned, Supplier<Number> paused) {
        claims = Metric.CLAIMS.counter(registry, group);
        fenced = Metric.FENCED.counter(registry, group);
        recovered = Metric.RECOVERED.counter(registry, group);
        vanished = Metric.VANISHED.counter(registry, group);
        entries = Metric.BATCH_EVENTS.summary(registry, group);
        time = Metric.BATCH_TIME.timer(registry, group);
        Metric.PARTITIONS_OWNED.gauge(registry, owned, group);
        Metric.PAUSED.gauge(registry, paused, group);
    }

    void claimed() {
        claims.increment();
    }

    void fenced() {
        fenced.increment();
    }

    void recovered(int count) {
        recovered.increment(count);
    }

    void vanished(int count) {
        vanished.increment(count);
    }

    void batch(int size, long nanos) {
        entries.record(size);
        time.record(nanos, TimeUnit.NANOSECONDS);
    }
}
