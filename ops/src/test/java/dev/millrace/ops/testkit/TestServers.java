package dev.millrace.ops.testkit;

import dev.millrace.ops.embedded.PostgresOptions;
import dev.millrace.ops.embedded.RedisOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * The servers that the test classes of one JVM share, each started when it is first asked for and stopped after the last test; and the
 * options of servers that a test starts for itself, because it kills, pauses or configures them.
 */
public final class TestServers implements AutoCloseable {
    private static final Namespace NAMESPACE = Namespace.create(TestServers.class);

    private final ServerSource source = ServerSource.chosen();
    private @Nullable RedisServer redis;
    private @Nullable PostgresServer postgres;

    private TestServers() {}

    /** A Redis of the test's own: any free port, fresh folder, everything else as in production. */
    public static RedisOptions redisOptions() {
        return RedisOptions.in(TestFolders.fresh("redis"));
    }

    /** A Postgres of the test's own: any free port, fresh folder, everything else as in production, durable too. */
    public static PostgresOptions postgresOptions() {
        return PostgresOptions.in(TestFolders.fresh("postgres"));
    }

    static TestServers shared(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).computeIfAbsent(TestServers.class, _ -> new TestServers(), TestServers.class);
    }

    synchronized RedisServer redis() {
        if (redis == null) {
            redis = source.startRedis();
        }
        return redis;
    }

    synchronized PostgresServer postgres() {
        if (postgres == null) {
            postgres = source.startPostgres();
        }
        return postgres;
    }

    @Override
    public synchronized void close() {
        if (postgres != null) {
            postgres.close();
        }
        if (redis != null) {
            redis.close();
        }
    }
}
