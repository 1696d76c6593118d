package dev.millrace.ops.launcher;

import dev.millrace.ops.embedded.AppendFsync;
import dev.millrace.ops.embedded.DataFolder;
import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.embedded.EmbeddedServer;
import dev.millrace.ops.embedded.EmbeddedServers;
import dev.millrace.schema.settings.Setting;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis and the Postgres under {@code up}: servers of its own, each unless the settings name another. One that ends by itself is brought
 * back on its data and port, and the services go on as after any outage.
 */
final class Stores implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Stores.class);
    /** A server that ended this often, each time soon after it came back, won't be mended by one more start. */
    private static final int RESTARTS_MAX = 5;
    private static final Duration STEADY = Duration.ofMinutes(1);

    private final StopSignal stop;
    private final List<EmbeddedServer> servers;
    private final Runnable stopServers;
    private final Map<Setting, String> urls = new LinkedHashMap<>();
    private boolean closing;

    private Stores(StopSignal stop, List<EmbeddedServer> servers, Runnable stopServers) {
        this.stop = stop;
        this.servers = List.copyOf(servers);
        this.stopServers = stopServers;
        for (EmbeddedServer server : this.servers) {
            switch (server) {
                case EmbeddedRedis redis -> urls.put(Setting.REDIS_URL, redis.uri());
                case EmbeddedPostgres postgres -> urls.put(Setting.DATABASE_URL, postgres.url());
            }
            Thread.ofVirtual().name("guard-" + server.name().toLowerCase(Locale.ROOT)).start(() -> guard(server));
        }
    }

    /**
     * Starts servers side by side and waits until they serve.
     *
     * @param own which to start: any of {@link Setting#REDIS_URL} and {@link Setting#DATABASE_URL}
     * @param stop is told when a server can't be brought back
     * @throws dev.millrace.ops.embedded.StartupException if one can't start; nothing is left running then
     */
    static Stores start(DataFolder folder, Set<Setting> own, AppendFsync sync, StopSignal stop) {
        boolean ownRedis = own.contains(Setting.REDIS_URL);
        boolean ownPostgres = own.contains(Setting.DATABASE_URL);
        if (ownRedis && ownPostgres) {
            EmbeddedServers both = EmbeddedServers.start(folder.redis().withAppendFsync(sync), folder.postgres());
            return new Stores(stop, List.of(both.redis(), both.postgres()), both::stop);
        }
        if (ownRedis) {
            EmbeddedRedis redis = EmbeddedRedis.start(folder.redis().withAppendFsync(sync));
            return new Stores(stop, List.of(redis), redis::stop);
        }
        if (ownPostgres) {
            EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.postgres());
            return new Stores(stop, List.of(postgres), postgres::stop);
        }
        return new Stores(stop, List.of(), () -> {});
    }

    /** The addresses of the servers that were started here. */
    Map<Setting, String> urls() {
        return Map.copyOf(urls);
    }

    /** Stops what was started here. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
        }
        if (servers.isEmpty()) {
            return;
        }
        long begun = System.nanoTime();
        stopServers.run();
        LOG.info("{} stopped in {} ms", servers.stream().map(EmbeddedServer::name).collect(Collectors.joining(" and ")),
                Duration.ofNanos(System.nanoTime() - begun).toMillis());
    }

    /** Brings the server back whenever it has ended by itself, until it is stopped or keeps ending. */
    private void guard(EmbeddedServer server) {
        int restarts = 0;
        boolean up = true;
        while (up) {
            long upSince = System.nanoTime();
            server.exit().join();
            restarts = System.nanoTime() - upSince > STEADY.toNanos() ? 1 : restarts + 1;
            up = bringBack(server, restarts);
        }
    }

    private synchronized boolean bringBack(EmbeddedServer server, int restarts) {
        if (closing) {
            return false;
        }
        try {
            if (restarts > RESTARTS_MAX) {
                throw new IllegalStateException("it keeps ending");
            }
            server.restart();
            LOG.warn("the embedded {} is back", server.name());
            return true;
        } catch (RuntimeException e) {
            stop.fail("the embedded " + server.name() + " ended by itself and can't be brought back (" + e.getMessage() + "); its log is "
                    + server.logFile());
            return false;
        }
    }
}
