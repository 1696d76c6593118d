package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.metric.Metric;
import dev.millrace.schema.settings.DoorSettings;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.json.JavalinJackson3;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinBindException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The HTTP server: every operation on a virtual thread, with bounds on what a connection may ask of it. */
final class ApiServer {
    private static final int HEADER_BYTES = 8 << 10;
    private static final Duration IDLE = Duration.ofSeconds(30);
    /** Platform threads: acceptor and selectors; requests run on virtual ones. */
    private static final int THREADS = 32;
    private static final int ACCEPT_QUEUE = 1_024;
    private static final int COPY_BUFFER = 8 << 10;

    /** How long those who are connected are answered still after a stop was asked for. */
    private static final Duration FAREWELL = Duration.ofMillis(500);
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);

    private static final Duration IDLE_WHEN_CROWDED = Duration.ofSeconds(1);

    private final DoorSettings settings;
    private final Door door;
    private final Turnstile turnstile;
    private final Visits visits;
    private final MeterRegistry metrics;
    private final Cors cors;
    private final SlowConnections slow;
    private final Javalin app;
    private volatile boolean leaving;

    /**
     * @param settings the port among them, 0 for any that is free
     * @param door which every request passes before it is handled
     * @param turnstile which every request passes, too
     * @param visits which notes every request
     * @param handlers of every operation
     */
    ApiServer(DoorSettings settings, Door door, Turnstile turnstile, Visits visits, List<Map<Operation, Handler>> handlers,
            MeterRegistry metrics) {
        this.settings = settings;
        this.door = door;
        this.turnstile = turnstile;
        this.visits = visits;
        this.metrics = metrics;
        this.cors = new Cors(settings.origins());
        this.slow = new SlowConnections(metrics);
        Map<Operation, Handler> all = new EnumMap<>(Operation.class);
        handlers.forEach(all::putAll);
        this.app = Javalin.create(config -> configure(config, all));
        Metric.HTTP_CONNECTIONS.gauge(metrics, this::connections);
    }

    /**
     * Starts to listen.
     *
     * @throws IllegalStateException if the port is taken or not ours to take; the message says what to change
     */
    void start() {
        try {
            app.start();
        } catch (JavalinBindException e) {
            throw new IllegalStateException("port " + settings.port() + " can't be listened on; set PORT to one that is free", e);
        }
        slow.watch((ServerConnector) app.jettyServer().server().getConnectors()[0]);
    }

    private int connections() {
        return Arrays.stream(app.jettyServer().server().getConnectors()).mapToInt(connector -> connector.getConnectedEndPoints().size())
                .sum();
    }

    /** The port that it listens on. */
    int port() {
        return app.port();
    }

    /**
     * Lets those who are connected go, lets what is under way finish within the time, then closes. Whoever has sent a request before he could
     * know is answered still, and told to connect elsewhere for the next one.
     */
    void stop(Duration within) {
        leaving = true;
        Duration farewell = within.dividedBy(2).compareTo(FAREWELL) < 0 ? within.dividedBy(2) : FAREWELL;
        long end = System.nanoTime() + farewell.toNanos();
        Server server = app.jettyServer().server();
        try {
            while (connections() > 0 && System.nanoTime() - end < 0) {
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.setStopTimeout(within.minus(farewell).toMillis());
        app.stop();
        slow.close();
    }

    private void configure(JavalinConfig config, Map<Operation, Handler> handlers) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.responseBufferSize = COPY_BUFFER;
        // Not JSON: Jetty would remember its charset and name it in the type of every problem, which has none.
        config.http.defaultContentType = "application/octet-stream";
        config.router.ignoreTrailingSlashes = false;
        config.jsonMapper(new JavalinJackson3(Answers.MAPPER, true));
        QueuedThreadPool threads = new QueuedThreadPool(THREADS);
        threads.setName("http");
        threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("http-request-"));
        config.jetty.threadPool = threads;
        config.jetty.modifyServer(this::configure);
        config.jetty.modifyHttpConfiguration(ApiServer::configure);
        config.jetty.addConnector(this::connector);
        RequestTimes times = new RequestTimes(metrics);
        config.requestLogger.http((ctx, milliseconds) -> {
            times.record(ctx, milliseconds);
            visits.end(ctx);
        });
        config.routes.before(ctx -> {
            SecurityHeaders.ALL.forEach(ctx::header);
            cors.describe(ctx);
            if (leaving) {
                ctx.header("Connection", "close");
            }
        });
        Failures.mapAll(config);
        for (Operation operation : Operation.values()) {
            route(config, operation, Objects.requireNonNull(handlers.get(operation), operation.name()));
        }
        if (cors.on()) {
            for (String path : Cors.paths()) {
                config.routes.addEndpoint(new Endpoint(HandlerType.OPTIONS, path, ctx -> Cors.preflight(ctx, path)));
            }
        }
    }

    private void route(JavalinConfig config, Operation operation, Handler handler) {
        Handler checked = ctx -> {
            try {
                visits.begin(ctx, operation);
                turnstile.passAddress(ctx, operation);
                checkAccept(ctx, operation);
                door.enter(ctx, operation);
                turnstile.passCaller(ctx, operation);
                Parameters.check(ctx, operation);
                handler.handle(ctx);
            } catch (ProblemException e) {
                visits.refused(ctx, operation, e.problem());
                if (operation.appends()) {
                    Metric.REFUSED.counter(metrics, e.problem().type().slug()).increment();
                }
                throw e;
            }
        };
        switch (operation.method()) {
            case GET -> {
                config.routes.addEndpoint(new Endpoint(HandlerType.GET, operation.path(), checked));
                config.routes.addEndpoint(new Endpoint(HandlerType.HEAD, operation.path(), checked));
            }
            case POST -> config.routes.addEndpoint(new Endpoint(HandlerType.POST, operation.path(), checked));
            case PATCH -> config.routes.addEndpoint(new Endpoint(HandlerType.PATCH, operation.path(), checked));
            case DELETE -> config.routes.addEndpoint(new Endpoint(HandlerType.DELETE, operation.path(), checked));
        }
    }

    private static void checkAccept(Context ctx, Operation operation) {
        operation.produces().filter(type -> !Negotiation.accepts(ctx.header("Accept"), type)).ifPresent(type -> {
            throw new ProblemException(ProblemType.NOT_ACCEPTABLE, "The answer is " + type + '.');
        });
    }

    private void configure(Server server) {
        server.setErrorHandler(new JettyErrors());
        server.insertHandler(slow);
        // Without it, stopping would cut off what is under way.
        server.insertHandler(new GracefulHandler());
    }

    private static void configure(HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        http.setResponseHeaderSize(HEADER_BYTES);
        http.setUriCompliance(UriCompliance.DEFAULT);
    }

    private ServerConnector connector(Server server, HttpConfiguration http) {
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        NetworkConnectionLimit limit = new NetworkConnectionLimit(settings.connectionsMax(), connector);
        limit.setEndPointIdleTimeout(IDLE_WHEN_CROWDED.toMillis());
        server.addBean(limit);
        connector.setPort(settings.port());
        connector.setIdleTimeout(IDLE.toMillis());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        return connector;
    }
}
