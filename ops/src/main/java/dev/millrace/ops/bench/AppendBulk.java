package dev.millrace.ops.bench;

import dev.millrace.ops.bench.redis.PlainEvent;
import java.util.List;

/** Lists of 500 events over all partitions, several at once. */
record AppendBulk(int players) implements Trial {
    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        Load load = Load.of(events, players);
        Load withIds = Load.withIds(events, players, "bulk-");
        long took = workspace.append(load.events());
        MismatchException.check("events in the streams", events, workspace.plain().backlog(workspace.streams()));
        long tookWithIds = workspace.append(withIds.events());
        MismatchException.check("events in the streams", 2L * events, workspace.plain().backlog(workspace.streams()));
        List<PlainEvent> plain = workspace.plain(load.events());
        long start = System.nanoTime();
        workspace.plain().appendPipelined(plain);
        double ceiling = Progress.perSecond(events, System.nanoTime() - start);
        MismatchException.check("events appended by plain commands", events, workspace.plain().backlog(workspace.plainStreams()));
        return List.of(
                Figure.rate("append-bulk: admission, 500 a call", Progress.perSecond(events, took)).under(ceiling),
                Figure.rate("append-bulk: admission, 500 a call, each with an id", Progress.perSecond(events, tookWithIds)).under(ceiling));
    }
}
