package dev.millrace.ops.launcher.management;

import dev.millrace.ops.Version;
import dev.millrace.schema.service.Health;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The management port of a process. It listens on every address, because probes and scrapers come from outside of a container; it asks for
 * no key and shows no secret, and belongs behind the network's border all the same.
 *
 * <ul>
 * <li>{@code /livez}: 200 as long as the process answers at all; never asks Redis or Postgres.
 * <li>{@code /readyz}: 200 or 503, whether the process can do its work.
 * <li>{@code /health}: the same status with a summary for people.
 * <li>{@code /metrics}: Prometheus text, or OpenMetrics to those who accept it.
 * </ul>
 */
public final class ManagementEndpoint implements AutoCloseable {
    private static final String JSON = "application/json";
    /** Enough for an acceptor, a selector and a few scrapers; more callers than that wait. */
    private static final int THREADS = 8;
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final ProcessState state;
    private final PrometheusMeterRegistry metrics;
    private final Instant startedAt;
    private final Javalin http;
    private volatile @Nullable JsonMapper mapper;

    private ManagementEndpoint(ProcessState state, PrometheusMeterRegistry metrics, Instant startedAt, int port) {
        this.state = state;
        this.metrics = metrics;
        this.startedAt = startedAt;
        this.http = Javalin.create(config -> configure(config, port));
    }

    /**
     * Starts to answer.
     *
     * @param port 0 for any that is free
     * @param startedAt when the process began, for its uptime
     */
    public static ManagementEndpoint start(int port, ProcessState state, PrometheusMeterRegistry metrics, Instant startedAt) {
        ManagementEndpoint endpoint = new ManagementEndpoint(state, metrics, startedAt, port);
        endpoint.http.start();
        return endpoint;
    }

    /** The port it listens on. */
    public int port() {
        return http.port();
    }

    @Override
    public void close() {
        http.stop();
    }

    private void configure(JavalinConfig config, int port) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName("management");
        config.jetty.threadPool = threads;
        config.jetty.addConnector((server, protocol) -> connector(server, protocol, port));
        config.routes.get("/livez", context -> context.result("alive\n"));
        config.routes.get("/readyz", this::readiness);
        config.routes.get("/health", this::summary);
        config.routes.get("/metrics", this::scrape);
        config.routes.error(404, context -> context.result("nothing here; there are /livez, /readyz, /health and /metrics\n"));
    }

    private static ServerConnector connector(Server server, HttpConfiguration protocol, int port) {
        ServerConnector connector = new ServerConnector(server, null, null, null, 1, 1, new HttpConnectionFactory(protocol));
        connector.setPort(port);
        connector.setIdleTimeout(IDLE.toMillis());
        return connector;
    }

    private void readiness(Context context) {
        Map<String, Health> health = state.health();
        Map<String, Object> answer = head(context, health);
        Map<String, Object> services = new LinkedHashMap<>();
        health.forEach((name, one) -> services.put(name, one.status().name()));
        answer.put("services", services);
        send(context, answer);
    }

    private void summary(Context context) {
        Map<String, Health> health = state.health();
        Map<String, Object> answer = head(context, health);
        answer.put("version", Version.current());
        answer.put("startedAt", startedAt.truncatedTo(ChronoUnit.SECONDS).toString());
        answer.put("uptimeSeconds", Duration.between(startedAt, Instant.now()).toSeconds());
        Map<String, Object> services = new LinkedHashMap<>();
        health.forEach((name, one) -> {
            Map<String, Object> service = new LinkedHashMap<>();
            service.put("status", one.status().name());
            service.putAll(one.details());
            services.put(name, service);
        });
        answer.put("services", services);
        send(context, answer);
    }

    /** Whether it is ready, as the status of the answer too, and in which phase it is. */
    private Map<String, Object> head(Context context, Map<String, Health> health) {
        boolean ready = state.ready(health);
        context.status(ready ? 200 : 503);
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("ready", ready);
        head.put("phase", state.phase().word());
        return head;
    }

    private void scrape(Context context) {
        String accepted = context.header("Accept");
        boolean openMetrics = accepted != null && accepted.contains("application/openmetrics-text");
        String type = openMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
        context.contentType(type).result(metrics.scrape(type));
    }

    private void send(Context context, Map<String, Object> answer) {
        context.header("Cache-Control", "no-store").contentType(JSON)
                .result(json().writerWithDefaultPrettyPrinter().writeValueAsString(answer) + "\n");
    }

    /** Made at the first question: a role is ready sooner without it. Twice in a race does no harm. */
    private JsonMapper json() {
        JsonMapper made = mapper;
        if (made == null) {
            made = JsonMapper.builder().build();
            mapper = made;
        }
        return made;
    }
}
