package dev.millrace.ops.launcher;

import dev.millrace.schema.service.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts services side by side, and stops them one after another in the direction in which work flows: the first takes work in. */
final class Lifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
    /** What a step leaves, of the whole time to stop, to each step after it; a stuck service must not cost the others their order. */
    private static final int SHARE = 10;

    private final List<Service> services;
    private final Duration stopWithin;
    private final Set<Service> started = ConcurrentHashMap.newKeySet();

    /**
     * @param services in the direction in which work flows
     * @param stopWithin for all of them together
     */
    Lifecycle(List<Service> services, Duration stopWithin) {
        this.services = List.copyOf(services);
        this.stopWithin = stopWithin;
    }

    /**
     * Starts every service and returns when all do their work.
     *
     * @throws RuntimeException the first failure, after all have been stopped again
     */
    void start() {
        List<Future<?>> starts = new ArrayList<>();
        // Platform threads: much of a start is loading classes, which would pin virtual ones.
        try (ExecutorService starters = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("start-", 1).factory())) {
            services.forEach(service -> starts.add(starters.submit(() -> start(service))));
        }
        RuntimeException failure = firstFailure(starts);
        if (failure != null) {
            stop();
            throw failure;
        }
    }

    /** Stops every service, one after another; a second call finds nothing to do. */
    void stop() {
        long deadline = System.nanoTime() + stopWithin.toNanos();
        for (int i = 0; i < services.size(); i++) {
            long left = deadline - System.nanoTime();
            long kept = stopWithin.toNanos() / SHARE * (services.size() - 1 - i);
            stop(services.get(i), Duration.ofNanos(Math.max(left - kept, stopWithin.toNanos() / SHARE)));
        }
    }

    private void start(Service service) {
        long begun = System.nanoTime();
        service.start();
        started.add(service);
        LOG.info("{} started in {} ms", service.name(), millisSince(begun));
    }

    private void stop(Service service, Duration within) {
        long begun = System.nanoTime();
        try {
            service.stop(within);
            if (started.remove(service)) {
                LOG.info("{} stopped in {} ms", service.name(), millisSince(begun));
            }
        } catch (RuntimeException e) {
            LOG.error("{} did not stop in order", service.name(), e);
        }
    }

    private static @Nullable RuntimeException firstFailure(List<Future<?>> starts) {
        RuntimeException first = null;
        for (Future<?> start : starts) {
            try {
                start.get();
            } catch (ExecutionException e) {
                RuntimeException failure = e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new IllegalStateException("interrupted while starting", e);
            }
        }
        return first;
    }

    private static long millisSince(long begun) {
        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
    }
}
