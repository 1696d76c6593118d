package dev.millrace.persister.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.persister.World;
import dev.millrace.persister.batch.Batch;
import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.EventOutcome;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealPostgres
final class PostgresEventHistoryTest {
    private final Shelf shelf;
    private final PostgresEventHistory history;
    private final ChangeEntry change = new World(8, 5).next(12, 50);

    PostgresEventHistoryTest(PostgresDatabase place) {
        this.shelf = new Shelf(place);
        this.history = new PostgresEventHistory(Shelf.settings(place));
    }

    @BeforeEach
    void write() {
        shelf.books.write(Batch.of(Shelf.IDS, List.of(change)));
    }

    @AfterEach
    void close() {
        history.close();
        shelf.close();
    }

    @Test
    void aScoreEventWasCompletedAtTheFirstTry() {
        ScoreApplied score = change.change().applied().getFirst();
        String id = Shelf.IDS.encode("acme", new EventRef(12, Priority.NORMAL, score.id()));

        assertThat(history.find("acme", id, score.id().time()))
                .contains(new EventOutcome(id, "score.add", score.key().player(), Outcome.COMPLETED, 1,
                        null, score.id().time(), change.change().appliedAt()));
    }

    @Test
    void aDeadEventTellsItsErrorAndTries() {
        EventEnded event = change.change().ended().getFirst();
        String id = Shelf.IDS.encode("acme", new EventRef(12, Priority.HIGH, event.id()));

        assertThat(history.find("acme", id, event.id().time())).contains(
                new EventOutcome(id, "job.email", "lane", Outcome.DEAD, 3, event.error(), event.id().time(), change.change().appliedAt()));
    }

    @Test
    void anUnknownEventOrAnotherClientsIsNotFound() {
        ScoreApplied score = change.change().applied().getFirst();
        String id = Shelf.IDS.encode("acme", new EventRef(12, Priority.NORMAL, score.id()));

        assertThat(history.find("zoo", id, score.id().time())).isEmpty();
        assertThat(history.find("acme", id + "x", score.id().time())).isEmpty();
        assertThat(history.find("acme", id, score.id().time().plusMillis(1))).isEmpty();
    }

    @Test
    void itMayBeMadeWhilePostgresIsAwayAndSaysSoSoon() {
        long start = System.nanoTime();
        try (PostgresEventHistory nowhere = new PostgresEventHistory(
                Settings.read(Map.of("DATABASE_URL", "postgres://millrace:secret@127.0.0.1:1/millrace")).database())) {
            assertThatThrownBy(() -> nowhere.find("acme", "id", Instant.EPOCH)).isInstanceOf(StoreUnavailableException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
}
