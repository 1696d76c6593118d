package dev.millrace.ops.bench;

import dev.millrace.ingest.IngestApi;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.bench.http.BareServer;
import dev.millrace.ops.bench.redis.PlainPosts;
import dev.millrace.ops.bench.redis.PlainPosts.Post;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * An API of a run's own, with all that it checks by default: keys, limits, schemas and ids; and the bare server, for the same requests. One
 * after the other, because they would share the processors.
 */
record PostedApi(Workspace workspace) {
    private static final Duration STOP = Duration.ofSeconds(10);
    /** Slow is what is measured, and no reason to refuse. */
    private static final String PATIENCE = "10s";

    /** Sends loads to a server. */
    @FunctionalInterface
    interface Measuring<T> {
        T measure(int port, ApiPosts posts) throws InterruptedException;
    }

    /**
     * Starts an API, sees that it checks what it is to check, has it measured, and stops it.
     *
     * @param probe which is posted too, before anything is measured
     */
    <T> T measured(Event probe, Measuring<T> measuring) throws InterruptedException {
        Settings settings = workspace.settings()
                .with(Map.of(Setting.PORT, "0", Setting.ADMIN_KEY, secret(), Setting.KEY_PEPPER, secret(), Setting.REDIS_TIMEOUT,
                        PATIENCE));
        IngestApi api = new IngestApi(settings, new SimpleMeterRegistry(), EventHistory.none());
        api.start();
        try {
            ApiPosts posts = ApiPosts.of(api.port(), settings.door());
            posts.requireChecks(api.port(), probe);
            return measuring.measure(api.port(), posts);
        } finally {
            Interruption.undisturbed(() -> api.stop(STOP));
        }
    }

    /** Starts a bare server, sends it these requests, and stops it. */
    ServerCost bare(List<byte[]> requests, int connections, int status) throws InterruptedException {
        try (PlainPosts posts = plainPosts();
                BareServer server = BareServer.start(posts);
                HttpLoad load = HttpLoad.open(server.port(), connections)) {
            return ServerCost.of(workspace, () -> load.asFastAsItGoes(requests, status));
        }
    }

    /** Posts as the bare server makes them; those of one run must differ in their ids from those of another. */
    PlainPosts plainPosts() {
        return workspace.plain().posts(workspace.plainPrefix());
    }

    /** What a bare server would make of the events, under other ids. */
    static List<Post> posts(List<Event> events) {
        return events.stream().map(event -> new Post(event.lane().name(), "pipelined-" + event.producerId(), event.data())).toList();
    }

    private static String secret() {
        return UUID.randomUUID().toString();
    }
}
