package dev.millrace.ops.bench;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.schema.event.Event;
import java.util.List;

/** One event a call, each with an id, from callers side by side. */
record AppendSingle(int players) implements Trial {
    static final int CALLERS = 64;

    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        List<Event> load = Load.withIds(events, players).events();
        Admission admission = workspace.admission();
        long took = Callers.run(CALLERS, events, call -> Workspace.requireAccepted(admission.admit(load.get(call))));
        MismatchException.check("events in the streams", events, workspace.plain().backlog(workspace.streams()));
        List<PlainEvent> plain = workspace.plain(load);
        long plainTook = Callers.run(CALLERS, events, call -> workspace.plain().append(plain.get(call)).toCompletableFuture().join());
        MismatchException.check("events appended by plain commands", events, workspace.plain().backlog(workspace.plainStreams()));
        return List.of(Figure.rate("append-single: admission, " + CALLERS + " callers", Progress.perSecond(events, took))
                .under(Progress.perSecond(events, plainTook)));
    }
}
