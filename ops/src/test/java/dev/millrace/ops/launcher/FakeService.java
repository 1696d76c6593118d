package dev.millrace.ops.launcher;

import dev.millrace.schema.service.Health;
import dev.millrace.schema.service.Service;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A service that notes what is asked of it. */
public final class FakeService implements Service {
    private final String name;
    private final List<String> notes;
    public volatile Supplier<Health> health = () -> Health.up(Map.of());
    public Runnable onStart = () -> {};
    public Runnable onStop = () -> {};
    public Duration stopWithin = Duration.ZERO;

    /** @param notes must bear threads */
    public FakeService(String name, List<String> notes) {
        this.name = name;
        this.notes = notes;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void start() {
        onStart.run();
        notes.add("start " + name);
    }

    @Override
    public void stop(Duration within) {
        stopWithin = within;
        notes.add("stop " + name);
        onStop.run();
    }

    @Override
    public Health health() {
        return health.get();
    }
}
