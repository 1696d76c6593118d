package dev.millrace.ops.bench;

import dev.millrace.ops.bench.redis.PlainDrain;
import dev.millrace.processor.Processor;
import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.HandlerContext;
import dev.millrace.processor.effect.OncePostgres;
import dev.millrace.processor.effect.Outcome;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.settings.Policy;
import dev.millrace.schema.settings.Policy.AfterDead;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Outside work of 0 to 5 ms an event, many lanes: against one after another, and with every event a lane of its own; and how long events of
 * healthy lanes take while others fail.
 */
record Lanes() implements Trial {
    private static final String TYPE = "bench.wait";
    private static final String FAILS = "fails-";
    private static final long SEED = 20_260_101;
    private static final int EVENTS_MAX = 10_000;
    private static final int EVENTS_A_LANE = 10;
    private static final int LONGEST_MICROS = 5_000;
    private static final int PLACES = 2_000;
    private static final int STEADY_LANES = 200;
    private static final int STEADY_SLICES = 500;
    private static final int STEADY_A_SLICE = 10;
    private static final Duration SLICE = Duration.ofMillis(10);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final double TAIL = 99;

    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        int count = Math.min(events, EVENTS_MAX);
        int lanes = Math.ceilDiv(count, EVENTS_A_LANE);
        List<Event> ordered = jobs(count, i -> "lane-" + i % lanes);
        double serial = 1e6 / ordered.stream().mapToLong(event -> Long.parseLong(event.data())).average().orElseThrow();
        double rate = drain(workspace, ordered);
        double unordered = drain(workspace, jobs(count, i -> "lane-" + i));
        double ceiling = plainRate(workspace, ordered);
        double usual = steady(workspace, 0);
        double beside = steady(workspace, STEADY_LANES / 100);
        return List.of(
                Figure.rate("lanes: outside work of 0–5 ms, ten events a lane, against XREADGROUP + XACK + XDEL without any", rate)
                        .under(ceiling),
                Figure.times("lanes: the same, times as fast as one after another", rate / serial).towards(Goal.LANES),
                Figure.rate("lanes: every event a lane of its own, that is without order", unordered),
                Figure.millis("lanes: accepted → done at 1,000/s over 200 lanes, p99", usual),
                Figure.millis("lanes: the same in healthy lanes while 1 % of lanes fail, p99", beside),
                Figure.times("lanes: the one as a multiple of the other", beside / Math.max(usual, 0.001)).towards(Goal.ISOLATION));
    }

    private static List<Event> jobs(int count, Function<Integer, String> lane) {
        Random random = new Random(SEED);
        List<Event> jobs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            jobs.add(job(lane.apply(i), random.nextInt(LONGEST_MICROS + 1)));
        }
        return jobs;
    }

    private static Event job(String lane, int micros) {
        return new Event(new Lane(Load.CLIENT, lane, Priority.NORMAL), TYPE, Integer.toString(micros), null);
    }

    private static double drain(Workspace workspace, List<Event> jobs) throws InterruptedException {
        workspace.append(jobs);
        Waiting waiting = new Waiting();
        Progress progress = whileWorking(workspace, waiting,
                () -> Progress.await("events whose work is done", jobs.size(), waiting.done::get));
        MismatchException.check("events left in the streams", 0, workspace.plain().backlog(workspace.streams()));
        return progress.perSecond(jobs.size());
    }

    private static double plainRate(Workspace workspace, List<Event> jobs) throws InterruptedException {
        workspace.plain().appendPipelined(workspace.plain(jobs));
        try (PlainDrain drain = workspace.plain().drain(workspace.plainStreams(), 2)) {
            long start = System.nanoTime();
            long read = drain.run(null);
            return Progress.perSecond(read, System.nanoTime() - start);
        }
    }

    /** The p99 of healthy lanes, in milliseconds, at a pace that leaves room, while so many lanes fail. */
    private static double steady(Workspace workspace, int failing) throws InterruptedException {
        Waiting waiting = new Waiting();
        return whileWorking(workspace, waiting, () -> {
            Random random = new Random(SEED);
            var admission = workspace.admission();
            long healthy = 0;
            long start = System.nanoTime();
            for (int slice = 0; slice < STEADY_SLICES; slice++) {
                List<Event> events = new ArrayList<>();
                for (int i = 0; i < STEADY_A_SLICE; i++) {
                    int lane = random.nextInt(STEADY_LANES);
                    boolean fails = lane < failing;
                    healthy += fails ? 0 : 1;
                    events.add(job((fails ? FAILS : "lane-") + lane, random.nextInt(LONGEST_MICROS + 1)));
                }
                admission.admit(events).forEach(Workspace::requireAccepted);
                TimeUnit.NANOSECONDS.sleep(Math.max(0, start + (slice + 1) * SLICE.toNanos() - System.nanoTime()));
            }
            Progress.await("events of healthy lanes", healthy, waiting.done::get);
            return waiting.tookMicros.getValueAtPercentile(TAIL) / 1_000.0;
        });
    }

    private interface Work<T> {
        T run() throws InterruptedException;
    }

    private static <T> T whileWorking(Workspace workspace, Waiting waiting, Work<T> work) throws InterruptedException {
        Processor processor = new Processor(workspace.settings(), List.of(waiting), OncePostgres.none(), new SimpleMeterRegistry());
        processor.start();
        try {
            return work.run();
        } finally {
            waiting.healed = true;
            Interruption.undisturbed(() -> processor.stop(STOP));
        }
    }

    /** Waits for as many microseconds as the event says; in some lanes it fails. */
    private static final class Waiting implements EffectHandler {
        private static final Policy POLICY = new Policy(1_000_000, 3, Duration.ofSeconds(30), PLACES, Duration.ofMillis(20),
                Duration.ofMillis(200), AfterDead.CONTINUE, List.of());

        private final AtomicLong done = new AtomicLong();
        private final Histogram tookMicros = new ConcurrentHistogram(3);
        private volatile boolean healed;

        @Override
        public String type() {
            return TYPE;
        }

        @Override
        public Policy policy() {
            return POLICY;
        }

        @Override
        public Outcome handle(HandlerContext context) throws InterruptedException {
            TimeUnit.MICROSECONDS.sleep(Long.parseLong(context.event().data()));
            if (context.event().lane().name().startsWith(FAILS)) {
                return healed ? Outcome.done() : Outcome.retry("as it was told");
            }
            tookMicros.recordValue(Math.max(0, 1_000 * (System.currentTimeMillis() - context.acceptedAt().toEpochMilli())));
            done.incrementAndGet();
            return Outcome.done();
        }
    }
}
