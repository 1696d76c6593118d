package dev.millrace.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.Documentation;
import dev.millrace.schema.metric.Metric;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricCatalogueTest {
    @Test
    void theDocumentationListsEveryMetricAsTheCodeHasIt() throws IOException {
        assertThat(Documentation.between("metrics", "ops/docs/METRICS.md"))
                .as("METRICS.md must hold what `./millrace metrics --markdown` prints")
                .isEqualTo(ReferenceTable.metrics().markdown());
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void namesFollowPrometheus(Metric metric) {
        assertThat(metric.meter()).matches("millrace_[a-z]+(_[a-z]+)*");
        assertThat(metric.meter().endsWith("_total")).isEqualTo(metric.kind() == Metric.Kind.COUNTER);
        assertThat(metric.meter().endsWith("_seconds")).isEqualTo(metric.kind() == Metric.Kind.TIMER);
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void noTagIsATimeSeriesForEachClientPlayerOrLane(Metric metric) {
        assertThat(metric.tags()).isSubsetOf(Set.of("role", "route", "status", "type", "problem", "group", "outcome", "bound"));
    }
}
