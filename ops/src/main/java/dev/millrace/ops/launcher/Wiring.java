package dev.millrace.ops.launcher;

import dev.millrace.ingest.IngestApi;
import dev.millrace.ingest.read.EventHistory;
import dev.millrace.ops.cli.Role;
import dev.millrace.persister.Persister;
import dev.millrace.persister.store.PostgresEventHistory;
import dev.millrace.persister.store.PostgresOnce;
import dev.millrace.persister.store.PostgresRankings;
import dev.millrace.processor.Processor;
import dev.millrace.processor.effect.OncePostgres;
import dev.millrace.schema.board.Rankings;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/** The one place where the roles are put together. Closes what they use and don't own. */
final class Wiring implements AutoCloseable {
    private final Settings settings;
    private final MeterRegistry meters;
    private @Nullable PostgresEventHistory history;
    private @Nullable PostgresRankings boards;
    private @Nullable PostgresOnce once;

    Wiring(Settings settings, MeterRegistry meters) {
        this.settings = settings;
        this.meters = meters;
    }

    /** Fails early and plainly where a role lacks a setting that it needs. */
    static void requireSettings(Role role, Settings settings) {
        settings.redis();
        switch (role) {
            case INGEST_API -> {
                settings.door();
                settings.limits();
                settings.users();
            }
            case PERSISTER -> settings.database();
            case PROCESSOR -> {}
        }
    }

    /** A role that has not started yet. */
    Service service(Role role) {
        return switch (role) {
            case INGEST_API -> ingestApi();
            case PROCESSOR -> new Processor(settings, once(), meters);
            case PERSISTER -> new Persister(settings, meters);
        };
    }

    IngestApi ingestApi() {
        return new IngestApi(settings, meters, history(), boards());
    }

    private EventHistory history() {
        if (!settings.hasDatabase()) {
            return EventHistory.none();
        }
        PostgresEventHistory opened = new PostgresEventHistory(settings.database());
        history = opened;
        return opened::find;
    }

    private @Nullable Rankings boards() {
        if (settings.hasDatabase()) {
            boards = new PostgresRankings(settings.database());
        }
        return boards;
    }

    private OncePostgres once() {
        if (!settings.hasDatabase()) {
            return OncePostgres.none();
        }
        PostgresOnce opened = new PostgresOnce(settings.database());
        once = opened;
        return (eventId, work) -> opened.run(eventId, transaction -> work.run(new HandlerSql(transaction)));
    }

    @Override
    public void close() {
        if (once != null) {
            once.close();
        }
        if (history != null) {
            history.close();
        }
        if (boards != null) {
            boards.close();
        }
    }
}
