package dev.millrace.ops.bench;

import dev.millrace.ops.bench.redis.PlainDrain;
import dev.millrace.ops.bench.redis.PlainEvent;
import dev.millrace.ops.bench.store.PlainPostgres;
import dev.millrace.ops.bench.store.PlainRows;
import dev.millrace.persister.Persister;
import dev.millrace.processor.Processor;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Everything at once: events come in as fast as they are taken while a processor and a persister work; then, with the same two still at work,
 * a tenth as many at a steady 2,000 a second, to see how long each takes.
 *
 * @param databaseUrl the address of a schema, by its name
 */
record EndToEnd(int players, UnaryOperator<String> databaseUrl) implements Trial {
    private static final int STEADY_PER_SECOND = 2_000;
    private static final int STEADY_PART = 10;
    private static final int PLAIN_CONNECTIONS = 2;
    private static final Duration STOP = Duration.ofSeconds(10);

    @Override
    public List<Figure> run(Workspace workspace, int events) throws InterruptedException {
        String schema = workspace.namespace().keys().namespace().replace('-', '_');
        Settings settings = workspace.settings().with(Map.of(Setting.DATABASE_URL, databaseUrl.apply(schema)));
        int steady = Math.max(1, events / STEADY_PART);
        Load all = Load.of(events + steady, players);
        List<Event> bulk = all.events().subList(0, events);
        try (PlainPostgres books = PlainPostgres.create(settings.database(), schema)) {
            List<Figure> figures = new ArrayList<>();
            double rate;
            SimpleMeterRegistry meters = new SimpleMeterRegistry();
            Persister persister = new Persister(settings, meters);
            Processor processor = new Processor(settings, new SimpleMeterRegistry());
            try {
                persister.start();
                processor.start();
                rate = fullSpeed(workspace, bulk, meters);
                figures.addAll(new Steady(workspace, books, STEADY_PER_SECOND).run(all.events().subList(events, events + steady)));
            } finally {
                Interruption.undisturbed(() -> {
                    processor.stop(STOP);
                    persister.stop(STOP);
                });
            }
            workspace.checkBoards(all.scores());
            MismatchException.check("rows of history", all.events().size(), books.historyRows());
            Workspace.requireSame("the leaderboard in Postgres", all.scores(), books.scores());
            figures.addAll(0, underCeilings(rate, plainRedis(workspace, bulk), events, books.plainRows()));
            return figures;
        }
    }

    private static double fullSpeed(Workspace workspace, List<Event> bulk, SimpleMeterRegistry meters) throws InterruptedException {
        int events = bulk.size();
        long start = System.nanoTime();
        workspace.append(bulk);
        Progress written = Progress.await("events in Postgres", events,
                () -> (long) meters.get(Metric.PERSISTED.meter()).counter().count());
        return Progress.perSecond(events, written.end() - start);
    }

    /** XADD of everything, then XREADGROUP, XACK and XDEL of it: Redis has but one thread, so that their times add up. */
    private static double plainRedis(Workspace workspace, List<Event> bulk) throws InterruptedException {
        List<PlainEvent> plain = workspace.plain(bulk);
        long start = System.nanoTime();
        workspace.plain().appendPipelined(plain);
        long appended = System.nanoTime() - start;
        try (PlainDrain drain = workspace.plain().drain(workspace.plainStreams(), PLAIN_CONNECTIONS)) {
            start = System.nanoTime();
            MismatchException.check("events read by plain commands", plain.size(), drain.run(null));
        }
        return Progress.perSecond(plain.size(), appended + System.nanoTime() - start);
    }

    private List<Figure> underCeilings(double rate, double redis, int rows, PlainRows postgres) {
        long start = System.nanoTime();
        postgres.upsert(rows, players);
        long upserted = System.nanoTime();
        postgres.append(rows, players);
        long appended = System.nanoTime();
        double upserts = Progress.perSecond(rows, upserted - start);
        double both = Progress.perSecond(rows, appended - start);
        return List.of(
                Figure.rate("end-to-end: bulk → board → Postgres, against the slower of plain Redis and plain upserts", rate)
                        .under(Math.min(redis, upserts)).towards(Goal.EVERYTHING),
                Figure.rate("end-to-end: the same, against the slower of plain Redis and plain upserts with plain history", rate)
                        .under(Math.min(redis, both)));
    }
}
