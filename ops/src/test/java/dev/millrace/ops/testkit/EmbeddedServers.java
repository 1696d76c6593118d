package dev.millrace.ops.testkit;

import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.embedded.EmbeddedRedis;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Servers as child processes of the tests. */
final class EmbeddedServers implements ServerSource {
    @Override
    public RedisServer startRedis() {
        return new Redis(EmbeddedRedis.start(TestServers.redisOptions()));
    }

    /** Not durable: the tests that share it are about SQL, not about power loss. */
    @Override
    public PostgresServer startPostgres() {
        return new Postgres(EmbeddedPostgres
                .start(TestServers.postgresOptions().withDurable(false).withSettings(Map.of("max_connections", "300"))));
    }

    record Redis(EmbeddedRedis process) implements RedisServer {
        @Override
        public int port() {
            return process.port();
        }

        @Override
        public @Nullable String command(String... words) {
            return process.command(words);
        }

        @Override
        public void close() {
            process.close();
        }
    }

    record Postgres(EmbeddedPostgres process) implements PostgresServer {
        @Override
        public int port() {
            return process.port();
        }

        @Override
        public String user() {
            return process.user();
        }

        @Override
        public String password() {
            return process.password();
        }

        @Override
        public boolean isRunning() {
            return process.isRunning();
        }

        @Override
        public void close() {
            process.close();
        }
    }
}
