package dev.millrace.ops.launcher.management;

import dev.millrace.schema.service.Health;
import dev.millrace.schema.service.Service;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How far this process is and what runs in it. Ready is a process that has started, is not stopping, and whose every service is ready. */
public final class ProcessState {
    private volatile Phase phase = Phase.STARTING;
    private volatile List<Service> services = List.of();

    /** Where a process stands between its start and its end. */
    public enum Phase {
        STARTING,
        RUNNING,
        STOPPING;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Its services are these, on their way up. */
    public void starting(List<Service> begun) {
        services = List.copyOf(begun);
    }

    /** Every service has started. */
    public void running() {
        phase = Phase.RUNNING;
    }

    /** No new work is wanted here any more. */
    public void stopping() {
        phase = Phase.STOPPING;
    }

    public Phase phase() {
        return phase;
    }

    /** How every service is, by name, in the order in which work flows through them. */
    public Map<String, Health> health() {
        Map<String, Health> health = new LinkedHashMap<>();
        for (Service service : services) {
            health.put(service.name(), healthOf(service));
        }
        return health;
    }

    /** Whether it can do its work, going by what {@link #health} answered. */
    public boolean ready(Map<String, Health> health) {
        return phase == Phase.RUNNING && health.values().stream().allMatch(Health::ready);
    }

    private static Health healthOf(Service service) {
        try {
            return service.health();
        } catch (RuntimeException e) {
            return Health.down("its health can't be told: " + e.getClass().getSimpleName());
        }
    }
}
