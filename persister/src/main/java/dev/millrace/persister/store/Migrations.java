package dev.millrace.persister.store;

import dev.millrace.schema.settings.DatabaseSettings;
import java.time.Duration;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;

/**
 * Brings the tables up to date. Any number of processes may run it at once: one migrates under a lock, the others wait for it and find nothing
 * left to do. A database that a newer release has migrated is left as it is.
 */
public final class Migrations {
    /** Others may wait this long for the one that migrates; Flyway asks for the lock once a second. */
    private static final int LOCK_TRIES = 600;
    /** A migration may work on large tables for long. */
    private static final Duration ANSWER = Duration.ofMinutes(30);

    private final DatabaseSettings settings;

    public Migrations(DatabaseSettings settings) {
        this.settings = settings;
    }

    /**
     * Migrates, and returns how many migrations it applied.
     *
     * @throws StoreUnavailableException if Postgres is away
     * @throws MigrationException if a migration fails, or what was applied differs from what is here
     */
    public int run() {
        try {
            // Statements such as CREATE INDEX CONCURRENTLY wait for all transactions to end, so the lock must not be held by one.
            MigrateResult result = Flyway.configure().loggers("slf4j").jdbcProperties(Connections.properties("millrace-migrations", ANSWER))
                    .dataSource(settings.jdbcUrl(), orNull(settings.user()), orNull(settings.password()))
                    .locations("classpath:db/migration").lockRetryCount(LOCK_TRIES)
                    .configuration(Map.of("flyway.postgresql.transactional.lock", "false")).load().migrate();
            return result.migrationsExecuted;
        } catch (FlywayException e) {
            if (Verdict.of(e) == Verdict.TRY_AGAIN) {
                throw new StoreUnavailableException("Postgres can't be migrated now: " + Verdict.words(e), e);
            }
            throw new MigrationException("the tables of " + settings.display() + " can't be migrated: " + Verdict.words(e), e);
        }
    }

    /** Flyway takes no credentials, rather than empty ones, where the URL holds them. */
    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
