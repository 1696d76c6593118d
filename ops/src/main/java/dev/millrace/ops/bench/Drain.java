package dev.millrace.ops.bench;

import dev.millrace.ops.bench.redis.PlainDrain;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.ops.bench.redis.PlainWrites;
import dev.millrace.processor.Processor;
import dev.millrace.schema.metric.Metric;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Full streams, then one processor. */
record Drain(int players) implements Trial {
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final int PLAIN_CONNECTIONS = 2;

    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        Load load = Load.of(events, players);
        workspace.fill(load);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Processor processor = new Processor(workspace.settings(), meters);
        long redisBefore = workspace.plain().processorMicros();
        long javaBefore = javaMicros();
        processor.start();
        Progress progress;
        try {
            progress = Progress.await("events on the boards", events, () -> (long) meters.get(Metric.COMPLETED.meter()).counter().count());
        } finally {
            Interruption.undisturbed(() -> processor.stop(STOP));
        }
        long java = javaMicros() - javaBefore;
        long redis = workspace.plain().processorMicros() - redisBefore;
        workspace.checkBoards(load.scores());
        List<PlainEvent> plain = workspace.plain(load.events());
        double ceiling = plainRate(workspace, plain, null);
        double writing = plainRate(workspace, plain, new PlainWrites(workspace.plainPrefix()));
        double rate = progress.perSecond(events);
        return List.of(
                Figure.rate("drain: full streams → boards, against XREADGROUP + XACK + XDEL", rate).under(ceiling).towards(Goal.DRAIN),
                Figure.rate("drain: the same, against plain reads and the same writes", rate).under(writing),
                Figure.micros("drain: Redis's main thread, an event", (double) redis / events),
                Figure.micros("drain: the processor's JVM, an event", (double) java / events));
    }

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

    private static long javaMicros() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() / 1_000
                : 0;
    }
}
