package dev.millrace.ops.launcher;

import dev.millrace.ops.launcher.management.ManagementEndpoint;
import dev.millrace.ops.launcher.management.ProcessMetrics;
import dev.millrace.ops.launcher.management.ProcessState;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** This process: its management endpoint, its metrics, and the services that run in it from the start to the signal to stop. */
final class ServiceHost implements AutoCloseable {
    private final ProcessState state = new ProcessState();
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final Instant startedAt = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    private final StopSignal stop;
    private final Duration stopWithin;
    private final CompletableFuture<ManagementEndpoint> management;

    /** Answers on the management port from about here on: alive, and not ready yet. */
    ServiceHost(Settings settings, StopSignal stop) {
        this.stop = stop;
        this.stopWithin = settings.stopTimeout();
        // Beside whatever else starts: the web server takes longer to load than anything that it would have to wait for.
        this.management = CompletableFuture.supplyAsync(
                () -> ManagementEndpoint.start(settings.managementPort(), state, metrics.registry(), startedAt),
                task -> Thread.ofPlatform().name("start-management").start(task));
    }

    /** Where services register what they measure. */
    MeterRegistry meters() {
        return metrics.registry();
    }

    int managementPort() {
        return management.join().port();
    }

    /**
     * Starts the services, runs them until the signal to stop, and stops them in order.
     *
     * @param services in the direction in which work flows
     * @param ready runs once all do their work
     * @throws RuntimeException if one can't start; all are stopped then
     */
    void run(List<Service> services, Runnable ready) {
        state.starting(services);
        metrics.watch(services);
        Lifecycle lifecycle = new Lifecycle(services, stopWithin);
        lifecycle.start();
        try {
            management.join();
            state.running();
            if (!stop.raised()) {
                ready.run();
            }
            stop.await();
        } finally {
            state.stopping();
            lifecycle.stop();
        }
    }

    /** The time since the process began, the start of the JVM included. */
    Duration age() {
        return Duration.between(startedAt, Instant.now());
    }

    @Override
    public void close() {
        management.handle((endpoint, failure) -> endpoint).thenAccept(endpoint -> {
            if (endpoint != null) {
                endpoint.close();
            }
        }).join();
        metrics.close();
    }
}
