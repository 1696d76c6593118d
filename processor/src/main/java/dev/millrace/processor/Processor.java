package dev.millrace.processor;

import dev.millrace.processor.engine.Engine;
import dev.millrace.processor.engine.Feed;
import dev.millrace.processor.engine.MemberName;
import dev.millrace.processor.handler.ScoreHandler;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Keyspace;
import dev.millrace.schema.redis.Namespace;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisHome;
import dev.millrace.schema.service.Health;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.EngineSettings;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The processor role: works the events of its share of the partitions. */
public final class Processor implements Service {
    /** Batches in hand at once; enough to keep Redis busy, few enough that full batches of large events fit into memory. */
    private static final int AT_WORK = 16;

    private final Settings settings;
    private final MeterRegistry registry;
    private @Nullable Redis redis;
    private @Nullable Engine engine;

    public Processor(Settings settings, MeterRegistry registry) {
        this.settings = settings;
        this.registry = registry;
    }

    @Override
    public String name() {
        return "processor";
    }

    @Override
    public synchronized void start() {
        if (engine != null) {
            return;
        }
        EngineSettings engineSettings = settings.engine();
        RedisHome home = RedisHome.open(settings, Engine.redisTimeout(engineSettings));
        Redis connected = home.redis();
        try {
            Namespace namespace = home.namespace();
            Keyspace keys = namespace.keys();
            Feed feed = new Feed(Keyspace.PROCESSORS, partition -> keys.events(partition, Priority.NORMAL),
                    engineSettings.batchMax(),
                    engineSettings.unpersistedMax());
            ScoreHandler handler = new ScoreHandler(connected, keys, engineSettings.deadMax(), Clock.systemUTC(), registry);
            Engine starting = new Engine(connected, keys, feed, handler, MemberName.make(), namespace.partitions().count(), AT_WORK,
                    engineSettings,
                    registry);
            starting.start();
            redis = connected;
            engine = starting;
        } catch (RuntimeException e) {
            connected.close();
            throw e;
        }
        Metric.REDIS_AVAILABLE.gauge(registry, () -> connected.available() ? 1 : 0, name());
    }

    @Override
    public synchronized void stop(Duration within) {
        if (engine != null) {
            engine.stop(within);
            engine = null;
        }
        if (redis != null) {
            redis.close();
            redis = null;
        }
    }

    @Override
    public synchronized Health health() {
        return engine == null ? Health.down("not started") : engine.health();
    }
}
