package dev.millrace.persister.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@RealPostgres
final class HistoryPartitionsTest {
    private final Shelf shelf;

    HistoryPartitionsTest(PostgresDatabase place) {
        this.shelf = new Shelf(place);
    }

    @AfterEach
    void close() {
        shelf.close();
    }

    @Test
    void bothHistoriesGetADailyPartitionForTodayAndTheDaysAhead() {
        try (HistoryPartitions partitions = new HistoryPartitions(shelf.database, 3)) {
            assertThat(partitions.runOnce()).isEqualTo(8);
            // Between two runs midnight may pass.
            assertThat(partitions.runOnce()).isIn(0, 2);
        }
        assertThat(shelf.single("select count(*) from pg_class where relkind = 'r' and relname ~ '^(score_events|events)_p[0-9]{8}$'"))
                .isIn("8",
                        "10");
    }

    @Test
    void whatPostgresWillNeverDoIsSaid() {
        try (HistoryPartitions partitions = new HistoryPartitions(shelf.database, 1_000)) {
            assertThatThrownBy(partitions::runOnce).isInstanceOf(PoisonBatchException.class).hasMessageContaining("days_ahead");
        }
    }
}
