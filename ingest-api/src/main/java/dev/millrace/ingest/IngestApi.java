package dev.millrace.ingest;

import dev.millrace.ingest.control.LanePauses;
import dev.millrace.ingest.http.Api;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ingest.watch.FillLevels;
import dev.millrace.schema.board.Rankings;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.redis.Redis;
import dev.millrace.schema.redis.RedisHome;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.service.Health;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door: takes events in over HTTP, and answers what is asked of events and boards. */
public final class IngestApi implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(IngestApi.class);

    private final Settings settings;
    private final MeterRegistry metrics;
    private final EventHistory history;
    private final @Nullable Rankings boards;
    private final FillLevels fillLevels;
    private volatile @Nullable Running running;

    /** Makes a role whose boards nobody knows while Redis is away. */
    public IngestApi(Settings settings, MeterRegistry metrics, EventHistory history) {
        this(settings, metrics, history, null);
    }

    /**
     * Wires nothing yet; {@link #start} does.
     *
     * @param history the books, for events that have ended
     * @param boards the books, for boards while Redis is away; null for a role without books
     */
    public IngestApi(Settings settings, MeterRegistry metrics, EventHistory history, @Nullable Rankings boards) {
        this.settings = settings;
        this.metrics = metrics;
        this.history = history;
        this.boards = boards;
        this.fillLevels = new FillLevels(settings.admission(), settings.engine(), LanePauses.MAX, InstantSource.system(), metrics);
        Metric.REDIS_AVAILABLE.gauge(metrics, () -> health().ready() ? 1 : 0, name());
        Metric.BOARD_STREAMS.gauge(metrics, this::streams);
    }

    private record Running(Redis redis, Api api) {}

    @Override
    public String name() {
        return "ingest-api";
    }

    /**
     * {@inheritDoc}
     *
     * @throws RedisUnavailableException if no Redis answers, though it is given some time
     * @throws IllegalStateException if Redis or the port can't be used; the message says what to change
     */
    @Override
    public synchronized void start() {
        if (running != null) {
            return;
        }
        RedisHome home = RedisHome.open(settings, settings.redis().timeout());
        try {
            Api api = new Api(settings, home, history, boards, fillLevels::memory, this::publicHealth, metrics);
            api.start();
            fillLevels.start(home.redis(), home.namespace());
            running = new Running(home.redis(), api);
        } catch (RuntimeException e) {
            home.redis().close();
            throw e;
        }
        LOG.info("the API listens on port {}", port());
    }

    @Override
    public synchronized void stop(Duration within) {
        Running stopping = running;
        if (stopping == null) {
            return;
        }
        running = null;
        fillLevels.close();
        try {
            stopping.api().stop(within);
        } catch (RuntimeException e) {
            LOG.warn("the API did not stop in order: {}", e.toString());
        }
        stopping.redis().close();
    }

    @Override
    public Health health() {
        return health(away -> "away at " + String.join(", ", away));
    }

    /** The same for anyone who asks: addresses are for those who run it. */
    private Health publicHealth() {
        return health(IngestApi::counted);
    }

    static String counted(List<String> away) {
        return "away at " + away.size() + (away.size() == 1 ? " address" : " addresses");
    }

    private Health health(Function<List<String>, String> naming) {
        Running now = running;
        if (now == null) {
            return Health.down("not running");
        }
        if (!now.redis().available()) {
            return Health.down("Redis does not answer");
        }
        Map<String, Object> details = new LinkedHashMap<>();
        List<String> away = now.redis().away();
        details.put("redis", away.isEmpty() ? "answers" : naming.apply(away));
        details.put("port", now.api().port());
        return new Health(away.isEmpty() ? Health.Status.UP : Health.Status.DEGRADED, details);
    }

    private int streams() {
        Running now = running;
        return now == null ? 0 : now.api().streams();
    }

    /**
     * The port that it listens on.
     *
     * @throws IllegalStateException if it is not started
     */
    public int port() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the API is not started");
        }
        return now.api().port();
    }
}
