package dev.millrace.ingest.http;

import dev.millrace.schema.metric.Metric;
import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Times requests by route and status. Paths that lead nowhere share one name, because anyone can make up any number of them. */
final class RequestTimes {
    private static final String NOWHERE = "none";

    private final MeterRegistry metrics;
    private final Map<Meter, Timer> timers = new ConcurrentHashMap<>();

    RequestTimes(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    private record Meter(String method, String path, int status) {}

    void record(Context ctx, float milliseconds) {
        if (Answers.EVENT_STREAM.equals(ctx.res().getContentType())) {
            // How long someone watches says nothing of how long requests take.
            return;
        }
        @Nullable Endpoint endpoint = ctx.endpoints().lastHttpEndpoint();
        Meter meter = endpoint == null ? new Meter("", NOWHERE, ctx.statusCode())
                : new Meter(endpoint.method.name(), endpoint.path, ctx.statusCode());
        timers.computeIfAbsent(meter, this::timer).record(Duration.ofNanos((long) (milliseconds * 1_000_000)));
    }

    private Timer timer(Meter meter) {
        return Metric.HTTP_REQUESTS.timer(metrics, (meter.method() + ' ' + meter.path()).strip(), Integer.toString(meter.status()));
    }
}
