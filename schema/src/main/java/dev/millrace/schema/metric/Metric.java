package dev.millrace.schema.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Every meter, in Prometheus spelling: base units, {@code _total} on counters. Tags never hold ids of clients, players or lanes, because
 * each of those would be a time series of its own.
 */
public enum Metric {
    SERVICE_READY("millrace_service_ready", Kind.GAUGE, "1 while the service can do its work, else 0", "role"),
    HTTP_REQUESTS("millrace_http_requests_seconds", Kind.TIMER, "time to answer a request", "route", "status"),
    HTTP_CONNECTIONS("millrace_http_connections", Kind.GAUGE, "connections that are open; bounded by MILLRACE_CONNECTIONS_MAX"),
    HTTP_CUT_OFF("millrace_http_cut_off_total", Kind.COUNTER,
            "connections that were ended because their other end was slow: with the head of a request, or to take its answer", "type"),
    ADMITTED("millrace_events_admitted_total", Kind.COUNTER, "events that were appended or scheduled, and acknowledged", "type"),
    REFUSED("millrace_events_refused_total", Kind.COUNTER, "events that were refused, by type of problem", "problem"),
    LOGINS("millrace_logins_total", Kind.COUNTER, "tries to log in: welcome, refused, delayed or busy", "outcome"),
    ADMIT_TIME("millrace_admit_seconds", Kind.TIMER, "time of the admission script, its round trip included"),
    FILL("millrace_fill_ratio", Kind.GAUGE, "how full the fullest partition is of what has a bound; 1 is full", "bound"),
    LIMITED_LOCALLY("millrace_limits_local_total", Kind.COUNTER,
            "checks of limits that this process made by itself, because Redis was away"),
    BOARD_STREAMS("millrace_board_streams", Kind.GAUGE, "streams of boards that are open"),
    BOARD_LOOKS("millrace_board_looks_total", Kind.COUNTER, "times that a board was read for those who watch it"),
    REDIS_AVAILABLE("millrace_redis_available", Kind.GAUGE, "1 while Redis answers this role, else 0", "role"),
    PARTITIONS_OWNED("millrace_partitions_owned", Kind.GAUGE, "partitions that this process owns", "group"),
    CLAIMS("millrace_lease_claims_total", Kind.COUNTER, "leases taken", "group"),
    FENCED("millrace_fenced_total", Kind.COUNTER, "steps refused because the lease had passed to another owner", "group"),
    RECOVERED("millrace_recovered_entries_total", Kind.COUNTER, "unfinished entries found when a partition was taken over", "group"),
    VANISHED("millrace_vanished_entries_total", Kind.COUNTER,
            "pending entries whose body was gone; more than 0 means someone deleted from a stream",
            "group"),
    BATCH_EVENTS("millrace_batch_entries", Kind.SUMMARY, "entries in one batch of a partition", "group"),
    BATCH_TIME("millrace_batch_seconds", Kind.TIMER, "time to work one batch", "group"),
    COMPLETED("millrace_events_completed_total", Kind.COUNTER, "events whose effect is in Redis"),
    DEAD("millrace_events_dead_total", Kind.COUNTER, "events that were given up"),
    ACCEPTED_TO_BOARD("millrace_accepted_to_board_seconds", Kind.TIMER, "from the append to the board, by Redis time against this clock"),
    TRIES("millrace_tries_total", Kind.COUNTER, "tries of effect handlers, by how they ended: done, retry or dead", "type", "outcome"),
    TRY_TIME("millrace_try_seconds", Kind.TIMER, "time of one try of an effect handler", "type"),
    TRIES_RUNNING("millrace_tries_running", Kind.GAUGE, "tries of effect handlers under way"),
    LANES_IN_HAND("millrace_lanes_in_hand", Kind.GAUGE, "lanes of owned partitions with events that wait for more than their batch"),
    LANES_HELD("millrace_lanes_held", Kind.GAUGE, "lanes in hand that wait because their head failed"),
    LANES_HOT("millrace_lanes_hot", Kind.GAUGE, "lanes in hand with a thousand events or more"),
    WINDOW("millrace_window_events", Kind.GAUGE, "events in hand, as ids; bounded by MILLRACE_QUEUE_MAX a partition and priority"),
    PAUSED("millrace_paused_partitions", Kind.GAUGE, "owned partitions that read nothing because a bound is reached", "group"),
    PERSISTED("millrace_events_persisted_total", Kind.COUNTER, "events whose history is in Postgres"),
    PERSIST_TIME("millrace_persist_seconds", Kind.TIMER, "time of one Postgres transaction"),
    PERSIST_RETRIES("millrace_persist_retries_total", Kind.COUNTER, "Postgres transactions that were tried again"),
    PERSIST_HELD("millrace_persist_held_partitions", Kind.GAUGE,
            "owned partitions whose changes Postgres refuses; more than 0 needs a person");

    private final String meter;
    private final Kind kind;
    private final String description;
    // Immutable by List.copyOf, which the checker can't see from the type.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> tags;

    Metric(String meter, Kind kind, String description, String... tags) {
        this.meter = meter;
        this.kind = kind;
        this.description = description;
        this.tags = List.copyOf(Arrays.asList(tags));
    }

    /** The name as Prometheus shows it; a timer adds {@code _count}, {@code _sum} and {@code _bucket}. */
    public String meter() {
        return meter;
    }

    public Kind kind() {
        return kind;
    }

    public String description() {
        return description;
    }

    /** Names of its tags, in the order in which their values are given. */
    public List<String> tags() {
        return tags;
    }

    public Counter counter(MeterRegistry registry, String... tagValues) {
        return Counter.builder(meter).description(description).tags(pairs(Kind.COUNTER, tagValues)).register(registry);
    }

    public Timer timer(MeterRegistry registry, String... tagValues) {
        return Timer.builder(meter.substring(0, meter.length() - "_seconds".length())).description(description)
                .tags(pairs(Kind.TIMER, tagValues))
                .serviceLevelObjectives(Duration.ofMillis(1), Duration.ofMillis(3), Duration.ofMillis(5), Duration.ofMillis(15),
                        Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofSeconds(1), Duration.ofSeconds(5))
                .register(registry);
    }

    public DistributionSummary summary(MeterRegistry registry, String... tagValues) {
        return DistributionSummary.builder(meter).description(description).tags(pairs(Kind.SUMMARY, tagValues)).register(registry);
    }

    public void gauge(MeterRegistry registry, Supplier<Number> value, String... tagValues) {
        Gauge.builder(meter, value).description(description).tags(pairs(Kind.GAUGE, tagValues)).strongReference(true).register(registry);
    }

    private String[] pairs(Kind asked, String... values) {
        if (asked != kind || values.length != tags.size()) {
            throw new IllegalArgumentException(meter + " is a " + kind + " with tags " + tags);
        }
        String[] pairs = new String[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            pairs[2 * i] = tags.get(i);
            pairs[2 * i + 1] = values[i];
        }
        return pairs;
    }

    /** What a meter measures. */
    public enum Kind {
        COUNTER,
        GAUGE,
        TIMER,
        SUMMARY
    }
}
