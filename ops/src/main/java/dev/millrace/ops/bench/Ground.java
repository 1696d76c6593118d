package dev.millrace.ops.bench;

import dev.millrace.ops.bench.redis.PlainRedis;
import dev.millrace.ops.bench.redis.RedisFacts;
import dev.millrace.ops.bench.store.PlainPostgres;
import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.embedded.EmbeddedRedis;
import dev.millrace.ops.embedded.PostgresOptions;
import dev.millrace.ops.embedded.RedisOptions;
import dev.millrace.ops.embedded.ScratchFolder;
import dev.millrace.ops.embedded.StartupException;
import dev.millrace.schema.settings.DatabaseSettings;
import dev.millrace.schema.settings.RedisSettings;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The servers that are measured: those that are given, else a Redis of this machine and the embedded Postgres, on temporary folders and
 * stopped when this is closed.
 */
final class Ground implements AutoCloseable {
    private static final String SLOW = "EMBEDDED, for want of a redis-server or REDIS_URL: about half as fast as a distribution's";

    private final Cleanup cleanup;
    private final Settings settings;
    private final PlainRedis redis;
    private final String redisOrigin;
    private @Nullable EmbeddedPostgres postgres;

    private Ground(Cleanup cleanup, Settings settings, String redisOrigin) {
        this.cleanup = cleanup;
        this.settings = settings;
        this.redis = cleanup.add(PlainRedis.connect(settings.redis().url()));
        this.redisOrigin = redisOrigin;
    }

    /**
     * Connects to the Redis of the settings or starts one: {@code redis-server} where the search path has it, else the embedded one.
     *
     * @param searchPath the environment's {@code PATH}
     */
    static Ground open(Settings settings, String searchPath) {
        if (settings.value(Setting.REDIS_URL).isPresent() && settings.redis().topology() == RedisSettings.Topology.CLUSTER) {
            throw new StartupException(
                    "bench compares with what one Redis can do, and REDIS_URL lists the nodes of a Cluster; name one server.");
        }
        Cleanup cleanup = new Cleanup();
        boolean open = false;
        try {
            Ground ground = settings.value(Setting.REDIS_URL).isPresent()
                    ? new Ground(cleanup, settings, "given at " + settings.redis().display())
                    : start(cleanup, settings, find(searchPath, "redis-server"));
            open = true;
            return ground;
        } finally {
            if (!open) {
                cleanup.close();
            }
        }
    }

    private static Ground start(Cleanup cleanup, Settings settings, Optional<Path> program) {
        Path folder = cleanup.add(ScratchFolder.make("bench-redis")).path();
        RedisOptions options = RedisOptions.in(folder.resolve("redis"));
        EmbeddedRedis server = cleanup.add(EmbeddedRedis.start(program.map(options::withProgram).orElse(options)));
        return new Ground(cleanup, settings.with(Map.of(Setting.REDIS_URL, server.uri())),
                program.map(path -> "started from " + path).orElse(SLOW));
    }

    private static Optional<Path> find(String searchPath, String program) {
        return Stream.of(searchPath.split(File.pathSeparator, -1)).filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program)).filter(Files::isRegularFile).filter(Files::isExecutable).findFirst();
    }

    /** The settings, with the addresses of the servers. */
    Settings settings() {
        return settings;
    }

    PlainRedis redis() {
        return redis;
    }

    /** What Redis it is, in one line. */
    String redisWords() {
        RedisFacts facts = redis.facts();
        String file = facts.appendOnly().equals("off") ? "no append-only file" : "append-only file, appendfsync " + facts.appendOnly();
        return facts.version() + ", " + file + ", " + redisOrigin;
    }

    /** The address of a schema in the Postgres of the settings, else in an embedded one, which is started when this is first asked. */
    String databaseUrl(String schema) {
        String url = settings.value(Setting.DATABASE_URL).orElseGet(() -> embeddedPostgres().url());
        return url + (url.contains("?") ? '&' : '?') + "currentSchema=" + schema;
    }

    /** What Postgres it is, in one line. */
    String postgresWords() {
        DatabaseSettings database = settings.with(Map.of(Setting.DATABASE_URL, databaseUrl("public"))).database();
        return PlainPostgres.words(database) + ", " + (settings.hasDatabase() ? "given at " + database.display() : "embedded");
    }

    private EmbeddedPostgres embeddedPostgres() {
        EmbeddedPostgres running = postgres;
        if (running == null) {
            Path folder = cleanup.add(ScratchFolder.make("bench-postgres")).path();
            running = cleanup.add(EmbeddedPostgres.start(PostgresOptions.in(folder.resolve("postgres"))));
            postgres = running;
        }
        return running;
    }

    @Override
    public void close() {
        Interruption.undisturbed(cleanup::close);
    }
}
