package dev.millrace.schema.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.schema.metric.Metric.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MetricTest {
    private static final Pattern NAME = Pattern.compile("millrace_[a-z]+(_[a-z]+)*");
    private static final Pattern SCALED_UNIT = Pattern
            .compile(".*_(millis|milliseconds|ms|micros|microseconds|nanos|minutes|hours|kb|kib|mb|mib|percent)(_.*)?");
    /** What would make a time series of every client, player or event. */
    private static final Pattern UNBOUNDED = Pattern
            .compile("(.*_)?(id|key|client|tenant|user|player|board|lane|event|member|owner|epoch|name|path|uri|ip|address)");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @ParameterizedTest
    @EnumSource
    void isNamedByTheTemplate(Metric metric) {
        assertThat(metric.meter()).matches(NAME).doesNotMatch(SCALED_UNIT);
        assertThat(metric.meter().endsWith("_total")).as("_total is for counters").isEqualTo(metric.kind() == Kind.COUNTER);
        assertThat(metric.meter().endsWith("_seconds")).as("_seconds is for timers").isEqualTo(metric.kind() == Kind.TIMER);
        // Prometheus derives these from a timer or summary, and they would collide.
        assertThat(metric.meter()).doesNotMatch(".*_(count|sum|bucket|max)");
    }

    @Test
    void namesAreUnique() {
        assertThat(Arrays.stream(Metric.values()).map(Metric::meter)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource
    void saysInOneLineWhatItMeasures(Metric metric) {
        assertThat(metric.description()).isNotBlank().doesNotContain("\n").doesNotEndWith(".");
    }

    @ParameterizedTest
    @EnumSource
    void hasNoTagWithAnUnboundedNumberOfValues(Metric metric) {
        assertThat(metric.tags()).doesNotHaveDuplicates()
                .allSatisfy(tag -> assertThat(tag).matches("[a-z]+(_[a-z]+)*").doesNotMatch(UNBOUNDED));
    }

    @ParameterizedTest
    @EnumSource
    void registersWithItsNameDescriptionAndTags(Metric metric) {
        register(metric, values(metric, 0));
        // A registry adds the unit to a timer's name by itself.
        String name = metric.kind() == Kind.TIMER ? metric.meter().replaceFirst("_seconds$", "") : metric.meter();
        assertThat(registry.find(name).meters()).singleElement().satisfies(meter -> {
            assertThat(meter.getId().getDescription()).isEqualTo(metric.description());
            assertThat(meter.getId().getTags().stream().map(tag -> tag.getKey() + "=" + tag.getValue()))
                    .containsExactlyInAnyOrderElementsOf(metric.tags().stream().map(tag -> tag + "=value of " + tag).toList());
        });
    }

    @ParameterizedTest
    @EnumSource
    void refusesTagValuesThatDoNotFit(Metric metric) {
        assertThatIllegalArgumentException().isThrownBy(() -> register(metric, values(metric, 1))).withMessageStartingWith(metric.meter());
    }

    @ParameterizedTest
    @EnumSource
    void isRegisteredAsWhatItIsOnly(Metric metric) {
        String[] values = values(metric, 0);
        if (metric.kind() != Kind.COUNTER) {
            assertThatIllegalArgumentException().isThrownBy(() -> metric.counter(registry, values));
        }
        if (metric.kind() != Kind.GAUGE) {
            assertThatIllegalArgumentException().isThrownBy(() -> metric.gauge(registry, () -> 1, values));
        }
        if (metric.kind() != Kind.SUMMARY) {
            assertThatIllegalArgumentException().isThrownBy(() -> metric.summary(registry, values));
        }
        if (metric.kind() != Kind.TIMER) {
            assertThatIllegalArgumentException().isThrownBy(() -> metric.timer(registry, values));
        }
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void everyKindMeasures() {
        Metric.COMPLETED.counter(registry).increment(3);
        Metric.ADMIT_TIME.timer(registry).record(Duration.ofMillis(7));
        Metric.BATCH_EVENTS.summary(registry, "processors").record(5);
        Metric.REDIS_AVAILABLE.gauge(registry, () -> 1, "processor");
        assertThat(registry.get("millrace_events_completed_total").counter().count()).isEqualTo(3);
        assertThat(registry.get("millrace_admit").timer().totalTime(TimeUnit.MILLISECONDS)).isEqualTo(7);
        assertThat(registry.get("millrace_batch_entries").tag("group", "processors").summary().totalAmount()).isEqualTo(5);
        assertThat(registry.get("millrace_redis_available").gauge().value()).isEqualTo(1);
    }

    @Test
    void aGaugeOutlivesTheCodeThatMadeIt() {
        Metric.REDIS_AVAILABLE.gauge(registry, new AtomicInteger(4)::get, "processor");
        System.gc();
        assertThat(registry.get("millrace_redis_available").gauge().value()).isEqualTo(4);
    }

    private void register(Metric metric, String... values) {
        switch (metric.kind()) {
            case COUNTER -> metric.counter(registry, values);
            case TIMER -> metric.timer(registry, values);
            case SUMMARY -> metric.summary(registry, values);
            case GAUGE -> metric.gauge(registry, () -> 1, values);
        }
    }

    private static String[] values(Metric metric, int more) {
        String[] values = new String[metric.tags().size() + more];
        Arrays.setAll(values, i -> i < metric.tags().size() ? "value of " + metric.tags().get(i) : "more");
        return values;
    }
}
