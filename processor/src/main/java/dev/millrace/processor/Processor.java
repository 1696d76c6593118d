package dev.millrace.processor;

import dev.millrace.processor.effect.EffectHandler;
import dev.millrace.processor.effect.OncePostgres;
import dev.millrace.processor.engine.Engine;
import dev.millrace.processor.engine.MemberName;
import dev.millrace.processor.engine.lane.Effects;
import dev.millrace.processor.engine.lane.LaneHandler;
import dev.millrace.processor.handler.ScoreHandler;
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
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The processor role: works the events of its share of the partitions. */
public final class Processor implements Service {
    /** Batches in hand at once; enough to keep Redis busy, few enough that full batches of large events fit into memory. */
    private static final int AT_WORK = 16;

    private final Settings settings;
    private final List<EffectHandler> handlers;
    private final OncePostgres once;
    private final MeterRegistry registry;
    private @Nullable Effects effects;
    private @Nullable Redis redis;
    private @Nullable Engine engine;

    /** Wires the role with the effect handlers that are on the class path, and without a database for them. */
    public Processor(Settings settings, MeterRegistry registry) {
        this(settings, OncePostgres.none(), registry);
    }

    /** Wires the role with the effect handlers that are on the class path. */
    public Processor(Settings settings, OncePostgres once, MeterRegistry registry) {
        this(settings, ServiceLoader.load(EffectHandler.class).stream().map(ServiceLoader.Provider::get).toList(), once, registry);
    }

    /**
     * Wires the role.
     *
     * @param handlers of outside work, one for a type
     * @param once where handlers do SQL once
     */
    public Processor(Settings settings, List<EffectHandler> handlers, OncePostgres once, MeterRegistry registry) {
        this.settings = settings;
        this.handlers = List.copyOf(handlers);
        this.once = once;
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
            Clock clock = Clock.systemUTC();
            Effects working = new Effects(handlers, settings.policies(), namespace.eventIds(), once, clock, registry);
            LaneHandler lanes = new LaneHandler(connected, keys, new ScoreHandler(connected, keys, clock, registry), working,
                    engineSettings,
                    clock, registry);
            Engine starting = new Engine(connected, keys, LaneHandler.feed(keys, engineSettings), lanes, MemberName.make(),
                    namespace.partitions().count(), AT_WORK, engineSettings, registry);
            starting.start();
            redis = connected;
            effects = working;
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
        if (effects != null) {
            effects.close();
            effects = null;
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
