package dev.millrace.persister;

import dev.millrace.persister.store.Books;
import dev.millrace.persister.store.Database;
import dev.millrace.persister.store.HistoryPartitions;
import dev.millrace.persister.store.Migrations;
import dev.millrace.processor.engine.Engine;
import dev.millrace.processor.engine.Feed;
import dev.millrace.processor.engine.MemberName;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisHome;
import dev.millrace.schema.service.Health;
import dev.millrace.schema.service.Health.Status;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.DatabaseSettings;
import dev.millrace.schema.settings.EngineSettings;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The persister role: brings the changes of its share of the partitions into Postgres. It starts whether or not Postgres is there, and is ready
 * once it is.
 */
public final class Persister implements Service {
    /** Partitions in hand at once: the more, the more share a transaction. */
    private static final int AT_WORK = 64;
    /** Changes of a partition that are read at once. Each may tell of as many events as a processor's batch holds. */
    private static final int CHANGES_A_READ = 16;
    /** Deadlocks and the like are over by then; what lasts longer is an outage. */
    private static final Duration HICCUP = Duration.ofSeconds(1);

    private final Settings settings;
    private final MeterRegistry registry;
    private volatile @Nullable Parts parts;

    /** Wires the role; it connects at its start. */
    public Persister(Settings settings, MeterRegistry registry) {
        this.settings = settings;
        this.registry = registry;
    }

    @Override
    public String name() {
        return "persister";
    }

    @Override
    public void start() {
        Parts starting = begin();
        try {
            starting.opening().awaitFirstTry();
        } catch (RuntimeException e) {
            stop(Duration.ZERO);
            throw e;
        }
    }

    private synchronized Parts begin() {
        if (parts != null) {
            return parts;
        }
        DatabaseSettings databaseSettings = settings.database();
        EngineSettings engineSettings = settings.engine();
        RedisHome home = RedisHome.open(settings, Engine.redisTimeout(engineSettings));
        try {
            Parts starting = wire(home.redis(), home.namespace(), databaseSettings, engineSettings);
            starting.opening().start();
            parts = starting;
            return starting;
        } catch (RuntimeException e) {
            home.redis().close();
            throw e;
        }
    }

    private Parts wire(Redis redis, Namespace namespace, DatabaseSettings databaseSettings, EngineSettings engineSettings) {
        Keyspace keys = namespace.keys();
        int eventsMax = settings.persister().batchMax();
        Database database = Database.open(databaseSettings, Database.Use.BOOKS);
        Outage outage = new Outage();
        GroupCommit books = new GroupCommit(namespace.eventIds(), new Books(database, namespace)::write,
                Math.min(GroupCommit.TRANSACTIONS, databaseSettings.pool()), eventsMax, outage, registry);
        ChangeHandler handler = new ChangeHandler(books, new ChangeStream(redis, keys), eventsMax);
        Feed feed = new Feed(Keyspace.PERSISTER, partition -> List.of(keys.changes(partition)), List.of(1), CHANGES_A_READ, 0);
        Engine engine = new Engine(redis, keys, feed, handler, MemberName.make(), namespace.partitions().count(), AT_WORK, engineSettings,
                registry);
        HistoryPartitions partitions = new HistoryPartitions(database, settings.persister().historyDaysAhead());
        Metric.REDIS_AVAILABLE.gauge(registry, () -> redis.available() ? 1 : 0, name());
        Metric.PERSIST_HELD.gauge(registry, () -> handler.held().size());
        return new Parts(redis, database, outage, books, handler, partitions, engine,
                new Opening(new Migrations(databaseSettings), partitions, engine));
    }

    @Override
    public synchronized void stop(Duration within) {
        Parts started = parts;
        if (started != null) {
            started.stop(within);
            parts = null;
        }
    }

    @Override
    public Health health() {
        Parts now = parts;
        return now == null ? Health.down("not started") : now.health();
    }

    /** What a started role is made of. */
    private record Parts(Redis redis, Database database, Outage outage, GroupCommit books, ChangeHandler handler,
            HistoryPartitions partitions,
            Engine engine, Opening opening) {

        /** In the order of the flow: nothing new is read, what was read is committed and acknowledged, then connections go. */
        void stop(Duration within) {
            opening.close();
            books.giveUpOnOutages();
            engine.stop(within);
            books.close();
            partitions.close();
            database.close();
            redis.close();
        }

        Health health() {
            Map<String, Object> details = new LinkedHashMap<>();
            opening.waitingFor().ifPresent(why -> details.put("waitingFor", why));
            outage.reason().ifPresent(why -> {
                details.put("waitingFor", why);
                details.put("waitingMs", outage.lasting().toMillis());
            });
            outage.sinceLastSuccess().ifPresent(ago -> details.put("lastWriteMsAgo", ago.toMillis()));
            details.putAll(database.state());
            Map<Integer, String> held = handler.held();
            if (!held.isEmpty()) {
                details.put("partitionsHeld", held);
            }
            Health reading = engine.health();
            details.putAll(reading.details());
            return new Health(status(reading.status(), held.isEmpty()), details);
        }

        private Status status(Status reading, boolean noneHeld) {
            if (reading == Status.DOWN || opening.waitingFor().isPresent() || outage.lasting().compareTo(HICCUP) > 0) {
                return Status.DOWN;
            }
            return noneHeld ? reading : Status.DEGRADED;
        }
    }
}
