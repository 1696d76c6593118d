package dev.millrace.ops.bench;

import dev.millrace.ops.bench.HttpLoad.Came;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.ops.bench.redis.PlainPosts;
import dev.millrace.ops.bench.redis.PlainPosts.Post;
import dev.millrace.schema.event.Event;
import java.util.ArrayList;
import java.util.List;

/** Hundreds of events a call over all partitions, several calls at once: past HTTP, and through it as NDJSON. */
record AppendBulk(int players) implements Trial {
    private static final int CONNECTIONS = 8;
    private static final int OK = 200;

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
        List<Figure> figures = new ArrayList<>(List.of(
                Figure.rate("append-bulk: admission, 500 a call", Progress.perSecond(events, took)).under(ceiling),
                Figure.rate("append-bulk: admission, 500 a call, each with an id", Progress.perSecond(events, tookWithIds))
                        .under(ceiling)));
        figures.addAll(throughHttp(workspace, load.events(), Load.withIds(events, players, "lines-").events(), ceiling));
        return figures;
    }

    private List<Figure> throughHttp(Workspace workspace, List<Event> events, List<Event> withIds, double plain)
            throws InterruptedException {
        PostedApi posted = new PostedApi(workspace);
        long before = workspace.plain().backlog(workspace.streams());
        Measured api = posted.measured(Load.withIds(1, players, "probe-").events().getFirst(), (port, posts) -> {
            List<byte[]> requests = posts.bulks(events);
            List<byte[]> known = posts.bulks(withIds);
            try (HttpLoad load = HttpLoad.open(port, CONNECTIONS)) {
                Came without = load.asFastAsItGoes(requests, OK);
                return new Measured(known, without, ServerCost.of(workspace, () -> load.asFastAsItGoes(known, OK)));
            }
        });
        MismatchException.check("events in the streams", before + 1 + 2L * events.size(), workspace.plain().backlog(workspace.streams()));
        ServerCost bare = posted.bare(api.requests(), CONNECTIONS, OK);
        int count = events.size();
        double perSecond = rate(api.withIds().came(), count);
        String ndjson = "append-bulk: HTTP, NDJSON of " + ApiPosts.LINES;
        List<Figure> figures = new ArrayList<>(List.of(
                Figure.rate(ndjson + ", each with an id, against a bare server", perSecond).under(rate(bare.came(), count))
                        .towards(Goal.BULK),
                Figure.rate(ndjson + ", each with an id, against a bare script, pipelined", perSecond).under(script(posted, withIds)),
                Figure.rate(ndjson + ", against plain XADD, pipelined", rate(api.without(), count)).under(plain)));
        figures.addAll(api.withIds().beside(bare, ndjson, "an event", count));
        return figures;
    }

    private static double rate(Came came, int events) {
        return Progress.perSecond(events, came.nanos());
    }

    private static double script(PostedApi posted, List<Event> events) {
        List<Post> load = PostedApi.posts(events);
        try (PlainPosts plain = posted.plainPosts()) {
            long start = System.nanoTime();
            plain.pipelined(load, ApiPosts.LINES);
            return Progress.perSecond(load.size(), System.nanoTime() - start);
        }
    }

    /** What the API did, and the requests with ids, which the bare server gets too. */
    private record Measured(List<byte[]> requests, Came without, ServerCost withIds) {}
}
