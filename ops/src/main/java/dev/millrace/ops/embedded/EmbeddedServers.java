package dev.millrace.ops.embedded;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * A Redis and a Postgres, started and stopped side by side.
 *
 * @param redis the running Redis
 * @param postgres the running Postgres
 */
public record EmbeddedServers(EmbeddedRedis redis, EmbeddedPostgres postgres) implements AutoCloseable {
    private static final Executor VIRTUAL = task -> Thread.ofVirtual().name("embedded-server").start(task);

    /**
     * Starts both and waits until both serve.
     *
     * @throws StartupException when one of them can't start; the other is stopped then
     */
    public static EmbeddedServers start(RedisOptions redisOptions, PostgresOptions postgresOptions) {
        CompletableFuture<EmbeddedRedis> redis = CompletableFuture.supplyAsync(() -> EmbeddedRedis.start(redisOptions), VIRTUAL);
        CompletableFuture<
                EmbeddedPostgres> postgres = CompletableFuture.supplyAsync(() -> EmbeddedPostgres.start(postgresOptions), VIRTUAL);
        boolean both = false;
        try {
            EmbeddedServers servers = new EmbeddedServers(result(redis), result(postgres));
            both = true;
            return servers;
        } finally {
            if (!both) {
                redis.thenAccept(EmbeddedServer::stop).exceptionally(_ -> null).join();
                postgres.thenAccept(EmbeddedServer::stop).exceptionally(_ -> null).join();
            }
        }
    }

    private static <T> T result(CompletableFuture<T> start) {
        try {
            return start.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Stops both in good order within a bounded time. May be repeated. */
    public void stop() {
        CompletableFuture.allOf(CompletableFuture.runAsync(redis::stop, VIRTUAL), CompletableFuture.runAsync(postgres::stop, VIRTUAL))
                .join();
    }

    @Override
    public void close() {
        stop();
    }
}
