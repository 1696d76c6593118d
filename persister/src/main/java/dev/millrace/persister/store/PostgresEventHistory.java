package dev.millrace.persister.store;

import static dev.millrace.schema.jooq.Tables.EVENT_OUTCOMES;

import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.EventOutcome;
import dev.millrace.schema.jooq.tables.records.EventOutcomesRecord;
import dev.millrace.schema.settings.DatabaseSettings;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jooq.exception.DataAccessException;

/** Reads what became of events. */
public final class PostgresEventHistory implements AutoCloseable {
    private final Database database;

    /** Makes a reader with connections of its own; it connects when first asked. */
    public PostgresEventHistory(DatabaseSettings settings) {
        this.database = Database.open(settings, Database.Use.HISTORY);
    }

    /**
     * What the books say of an event, or empty where they say nothing of it (yet).
     *
     * @param acceptedAt from the event's id; it names the day in whose partition the row lies
     * @throws StoreUnavailableException if Postgres is away
     * @throws PoisonBatchException if the tables can't be read
     */
    public Optional<EventOutcome> find(String client, String eventId, Instant acceptedAt) {
        try {
            return database.sql().selectFrom(EVENT_OUTCOMES)
                    .where(EVENT_OUTCOMES.EVENT_ID.eq(eventId), EVENT_OUTCOMES.ACCEPTED_AT.eq(acceptedAt),
                            EVENT_OUTCOMES.CLIENT_ID.eq(client))
                    .fetchOptional(PostgresEventHistory::outcome);
        } catch (DataAccessException e) {
            throw Database.judged(e);
        }
    }

    private static EventOutcome outcome(EventOutcomesRecord found) {
        return new EventOutcome(found.getEventId(), found.getType(), found.getLane(),
                Outcome.valueOf(found.getOutcome().toUpperCase(Locale.ROOT)),
                found.getAttempts(), found.getError(), found.getAcceptedAt(), found.getCompletedAt());
    }

    @Override
    public void close() {
        database.close();
    }
}
