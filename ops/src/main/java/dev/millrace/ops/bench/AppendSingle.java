package dev.millrace.ops.bench;

import dev.millrace.ingest.admission.Admission;
import dev.millrace.ops.bench.HttpLoad.Came;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.ops.bench.redis.PlainPosts;
import dev.millrace.ops.bench.redis.PlainPosts.Post;
import dev.millrace.schema.event.Event;
import java.util.ArrayList;
import java.util.List;

/**
 * One event a call, each with an id, from callers side by side: past HTTP; through it as fast as it goes on as many connections; and through
 * it at half the pace that is the goal.
 */
record AppendSingle(int players) implements Trial {
    private static final int CALLERS = 64;
    private static final int ACCEPTED = 202;
    private static final int STEADY_PER_SECOND = 7_500;
    /** One part of so many is sent at that pace. */
    private static final int STEADY_PART = 4;

    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        List<Figure> figures = new ArrayList<>();
        figures.add(pastHttp(workspace, Load.withIds(events, players, "direct-").events()));
        figures.addAll(throughHttp(workspace, Load.withIds(events, players, "http-").events()));
        return figures;
    }

    private static Figure pastHttp(Workspace workspace, List<Event> load) throws InterruptedException {
        int events = load.size();
        Admission admission = workspace.admission();
        long took = Callers.run(CALLERS, events, (_, call) -> Workspace.requireAccepted(admission.admit(load.get(call))));
        MismatchException.check("events in the streams", events, workspace.plain().backlog(workspace.streams()));
        List<PlainEvent> plain = workspace.plain(load);
        double ceiling = Progress.perSecond(events,
                Callers.run(CALLERS, events, (_, call) -> workspace.plain().append(plain.get(call)).toCompletableFuture().join()));
        MismatchException.check("events appended by plain commands", events, workspace.plain().backlog(workspace.plainStreams()));
        return Figure.rate("append-single: admission, " + CALLERS + " callers", Progress.perSecond(events, took)).under(ceiling);
    }

    private List<Figure> throughHttp(Workspace workspace, List<Event> events) throws InterruptedException {
        List<Event> steadyEvents = Load.withIds(Math.ceilDiv(events.size(), STEADY_PART), players, "steady-").events();
        PostedApi posted = new PostedApi(workspace);
        long before = workspace.plain().backlog(workspace.streams());
        Measured api = posted.measured(Load.withIds(1, players, "probe-").events().getFirst(), (port, posts) -> {
            List<byte[]> requests = posts.singles(events);
            List<byte[]> steady = posts.singles(steadyEvents);
            try (HttpLoad load = HttpLoad.open(port, CALLERS)) {
                ServerCost full = ServerCost.of(workspace, () -> load.asFastAsItGoes(requests, ACCEPTED));
                return new Measured(requests, full, load.steadily(steady, ACCEPTED, STEADY_PER_SECOND));
            }
        });
        MismatchException.check("events in the streams", before + 1 + events.size() + steadyEvents.size(),
                workspace.plain().backlog(workspace.streams()));
        ServerCost bare = posted.bare(api.requests(), CALLERS, ACCEPTED);
        return figures(api.full(), api.steady(), bare, script(posted, events), events.size());
    }

    private static double script(PostedApi posted, List<Event> events) {
        List<Post> load = PostedApi.posts(events);
        try (PlainPosts plain = posted.plainPosts()) {
            long start = System.nanoTime();
            plain.pipelined(load);
            return Progress.perSecond(load.size(), System.nanoTime() - start);
        }
    }

    private static List<Figure> figures(ServerCost full, Came steady, ServerCost bare, double script, int events) {
        String http = "append-single: HTTP, " + CALLERS + " connections";
        String half = String.format("append-single: HTTP at %,d/s", STEADY_PER_SECOND);
        Came came = full.came();
        List<Figure> figures = new ArrayList<>(List.of(
                Figure.rate(http + ", against a bare server", came.perSecond()).under(bare.came().perSecond()).towards(Goal.SINGLE),
                Figure.rate(http + ", against a bare script, pipelined", came.perSecond()).under(script),
                Figure.millis(http + ", p50", came.millis(50)).under(bare.came().millis(50)),
                Figure.millis(http + ", p99", came.millis(99)).under(bare.came().millis(99)),
                Figure.millis(half + ", p50", steady.millis(50)),
                Figure.millis(half + ", p99", steady.millis(99)).towards(Goal.SINGLE_LATENCY)));
        figures.addAll(full.beside(bare, http, "a request", events));
        return figures;
    }

    /** What the API did, and the requests, which the bare server gets too. */
    private record Measured(List<byte[]> requests, ServerCost full, Came steady) {}
}
