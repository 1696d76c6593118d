package dev.millrace.ops.bench;

import dev.millrace.ops.bench.redis.PlainDrain;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.ops.bench.redis.PlainWrites;
import dev.millrace.processor.Processor;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.service.Service;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Full streams, then one processor. */
record Drain(int players) implements Trial {
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final int PLAIN_CONNECTIONS = 2;

    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        Load load = Load.of(events, players);
        Drained drained = drain(workspace, load, ordered(workspace));
        workspace.checkBoards(load.scores());
        // Players who have a score already cost a little more than new ones, so that only a drain like this one can be compared.
        Drained again = drain(workspace, load, ordered(workspace));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Drained unordered;
        try (Unordered without = Unordered.load(workspace.settings(), meters)) {
            unordered = drain(workspace, load, new Measured(without.service(), meters));
        }
        workspace.checkBoards(scoresOf(load));
        List<PlainEvent> plain = workspace.plain(load.events());
        double ceiling = plainRate(workspace, plain, null);
        double writing = plainRate(workspace, plain, new PlainWrites(workspace.plainPrefix()));
        return List.of(
                Figure.rate("drain: full streams → boards, against XREADGROUP + XACK + XDEL", drained.perSecond()).under(ceiling)
                        .towards(Goal.DRAIN),
                Figure.rate("drain: the same, against plain reads and the same writes", drained.perSecond()).under(writing),
                Figure.rate("drain: the same over players who have a score", again.perSecond()),
                Figure.rate("drain: the same by an engine without leases, fences and the check for gaps", unordered.perSecond()),
                Figure.times("drain: with order as a multiple of without", again.perSecond() / unordered.perSecond()).towards(Goal.ORDER),
                Figure.micros("drain: Redis's main thread, an event", (double) drained.redisMicros() / events),
                Figure.micros("drain: the processor's JVM, an event", (double) drained.javaMicros() / events));
    }

    /** What players have in the end, since the load is drained that often. */
    static Map<String, Long> scoresOf(Load load) {
        Map<String, Long> scores = new HashMap<>(load.scores());
        scores.replaceAll((_, score) -> Workspace.FILLS * score);
        return scores;
    }

    private static Measured ordered(Workspace workspace) {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        return new Measured(new Processor(workspace.settings(), meters), meters);
    }

    private static Drained drain(Workspace workspace, Load load, Measured processor) throws InterruptedException {
        workspace.fill(load);
        int events = load.events().size();
        long redisBefore = workspace.plain().processorMicros();
        long javaBefore = ServerCost.ownMicros();
        processor.service().start();
        try {
            Progress progress = Progress.await("events on the boards", events,
                    () -> (long) processor.meters().get(Metric.COMPLETED.meter()).counter().count());
            return new Drained(progress.perSecond(events), workspace.plain().processorMicros() - redisBefore,
                    ServerCost.ownMicros() - javaBefore);
        } finally {
            Interruption.undisturbed(() -> processor.service().stop(STOP));
        }
    }

    private record Measured(Service service, SimpleMeterRegistry meters) {}

    private record Drained(double perSecond, long redisMicros, long javaMicros) {}

    private static double plainRate(Workspace workspace, List<PlainEvent> events, @Nullable PlainWrites writes)
            throws InterruptedException {
        workspace.plain().appendPipelined(events);
        try (PlainDrain drain = workspace.plain().drain(workspace.plainStreams(), PLAIN_CONNECTIONS)) {
            long start = System.nanoTime();
            long read = drain.run(writes);
            long took = System.nanoTime() - start;
            MismatchException.check("events read by plain commands", events.size(), read);
            MismatchException.check("events left behind by plain commands", 0, workspace.plain().backlog(workspace.plainStreams()));
            return Progress.perSecond(read, took);
        }
    }
}
