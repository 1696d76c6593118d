package dev.millrace.ops.bench.http;

import dev.millrace.ops.bench.redis.PlainPosts;
import dev.millrace.ops.bench.redis.PlainPosts.Post;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes the requests that the API takes, on the same HTTP server, and does the same in Redis with plain scripts; it asks nobody for a key,
 * looks at no field that it does not need, and promises nothing. What it does a second is what this machine, this HTTP server and this Redis
 * can do.
 */
public final class BareServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int THREADS = 32;

    private final PlainPosts posts;
    private final Javalin http;

    private BareServer(PlainPosts posts) {
        this.posts = posts;
        this.http = Javalin.create(this::configure);
    }

    /** Starts to answer, on a port that is free. */
    public static BareServer start(PlainPosts posts) {
        BareServer server = new BareServer(posts);
        server.http.start();
        return server;
    }

    /** The port it listens on. */
    public int port() {
        return http.port();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        QueuedThreadPool threads = new QueuedThreadPool(THREADS);
        threads.setName("bare");
        threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("bare-request-"));
        config.jetty.threadPool = threads;
        config.jetty.addConnector(BareServer::connector);
        config.routes.post("/v1/scores", this::one);
        config.routes.post("/v1/events", this::many);
    }

    private static ServerConnector connector(Server server, HttpConfiguration protocol) {
        return new ServerConnector(server, new HttpConnectionFactory(protocol));
    }

    private void one(Context ctx) {
        String body = ctx.body();
        String player = JSON.readTree(body).get("player").asString();
        String id = posts.one(new Post(player, Objects.requireNonNull(ctx.header("Idempotency-Key")), body));
        ctx.status(202).contentType("application/json").result("{\"id\":\"" + id + "\"}");
    }

    private void many(Context ctx) {
        List<Post> events = new ArrayList<>();
        for (String line : ctx.body().split("\n", -1)) {
            if (!line.isEmpty()) {
                JsonNode event = JSON.readTree(line);
                events.add(new Post(event.at("/data/player").asString(), event.get("id").asString(), line));
            }
        }
        ctx.status(200).contentType("application/json").result(JSON.writeValueAsBytes(posts.many(events)));
    }

    @Override
    public void close() {
        http.stop();
    }
}
