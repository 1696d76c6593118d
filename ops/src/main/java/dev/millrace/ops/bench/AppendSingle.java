package dev.millrace.ops.bench;

import dev.millrace.ingest.IngestApi;
import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** One event a call, each with an id, from callers side by side: past HTTP, and through it on as many connections. */
record AppendSingle(int players) implements Trial {
    private static final int CALLERS = 64;
    /** One part of so many is sent again at half the pace. */
    private static final int STEADY_PART = 4;
    private static final Duration STOP = Duration.ofSeconds(10);

    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        List<Event> load = Load.withIds(events, players, "direct-").events();
        Admission admission = workspace.admission();
        long took = Callers.run(CALLERS, events, (_, call) -> Workspace.requireAccepted(admission.admit(load.get(call))));
        MismatchException.check("events in the streams", events, workspace.plain().backlog(workspace.streams()));
        List<PlainEvent> plain = workspace.plain(load);
        double ceiling = Progress.perSecond(events,
                Callers.run(CALLERS, events, (_, call) -> workspace.plain().append(plain.get(call)).toCompletableFuture().join()));
        MismatchException.check("events appended by plain commands", events, workspace.plain().backlog(workspace.plainStreams()));
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.rate("append-single: admission, " + CALLERS + " callers", Progress.perSecond(events, took)).under(ceiling));
        figures.addAll(throughHttp(workspace, events, ceiling));
        return figures;
    }

    private List<Figure> throughHttp(Workspace workspace, int events, double ceiling) throws InterruptedException {
        Settings settings = workspace.settings()
                .with(Map.of(Setting.PORT, "0", Setting.ADMIN_KEY, secret(), Setting.KEY_PEPPER, secret()));
        int steadyEvents = Math.ceilDiv(events, STEADY_PART);
        long before = workspace.plain().backlog(workspace.streams());
        Histogram full = new ConcurrentHistogram(3);
        Histogram half = new ConcurrentHistogram(3);
        double rate;
        IngestApi api = new IngestApi(settings, new SimpleMeterRegistry(), EventHistory.none());
        api.start();
        try (ApiLoad load = ApiLoad.open(api.port(), settings.door(), CALLERS)) {
            List<byte[]> requests = load.requests(Load.withIds(events, players, "http-").events());
            List<byte[]> steady = load.requests(Load.withIds(steadyEvents, players, "steady-").events());
            rate = Progress.perSecond(events, load.asFastAsItGoes(requests, full));
            load.steadily(steady, rate / 2, half);
        } finally {
            Interruption.undisturbed(() -> api.stop(STOP));
        }
        MismatchException.check("events in the streams", before + events + steadyEvents, workspace.plain().backlog(workspace.streams()));
        String connections = "append-single: HTTP, " + CALLERS + " connections";
        return List.of(Figure.rate(connections, rate).under(ceiling).towards(Goal.SINGLE), millis(connections + ", p50", full, 50),
                millis(connections + ", p99", full, 99), millis("append-single: HTTP at half that rate, p50", half, 50),
                millis("append-single: HTTP at half that rate, p99", half, 99).towards(Goal.SINGLE_LATENCY));
    }

    private static Figure millis(String name, Histogram micros, double percentile) {
        return Figure.millis(name, micros.getValueAtPercentile(percentile) / 1_000.0);
    }

    private static String secret() {
        return UUID.randomUUID().toString();
    }
}
