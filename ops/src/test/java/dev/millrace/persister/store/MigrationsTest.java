package dev.millrace.persister.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.schema.settings.DatabaseSettings;
import dev.millrace.schema.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RealPostgres
final class MigrationsTest {
    private final PostgresDatabase place;
    private final DatabaseSettings settings;

    MigrationsTest(PostgresDatabase place) {
        this.place = place;
        this.settings = Shelf.settings(place);
    }

    @BeforeEach
    void startFromNothing() throws Exception {
        try (var connection = place.connect(); var statement = connection.createStatement()) {
            statement.execute("drop schema public cascade");
            statement.execute("create schema public");
        }
    }

    @Test
    void severalAtOnceMigrateOnce() throws Exception {
        int processes = 4;
        CyclicBarrier together = new CyclicBarrier(processes);
        List<Future<Integer>> runs = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(processes)) {
            for (int i = 0; i < processes; i++) {
                runs.add(threads.submit(() -> {
                    together.await();
                    return new Migrations(settings).run();
                }));
            }
        }
        List<Integer> applied = new ArrayList<>();
        for (Future<Integer> run : runs) {
            applied.add(run.get());
        }
        assertThat(applied).containsOnlyOnce(applied.stream().mapToInt(Integer::intValue).max().orElseThrow());
        assertThat(applied.stream().filter(count -> count == 0)).hasSize(processes - 1);
        assertThat(new Migrations(settings).run()).isZero();
    }

    @Test
    void whatWasAppliedMustBeWhatIsHere() throws Exception {
        new Migrations(settings).run();
        try (var connection = place.connect(); var statement = connection.createStatement()) {
            statement.execute("update flyway_schema_history set checksum = checksum + 1");
        }
        assertThatThrownBy(() -> new Migrations(settings).run()).isInstanceOf(MigrationException.class)
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1)).hasMessageContaining(place.name());
    }

    @Test
    void aDatabaseOfANewerReleaseIsLeftAsItIs() throws Exception {
        new Migrations(settings).run();
        try (var connection = place.connect(); var statement = connection.createStatement()) {
            statement.execute(
                    "insert into flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by,"
                            + " execution_time, success) values (999, '999', 'later', 'SQL', 'V999__later.sql', 1, 'someone', 1, true)");
        }
        assertThat(new Migrations(settings).run()).isZero();
    }

    @Test
    void aPostgresThatIsAwayIsSaidToBeAway() {
        DatabaseSettings nowhere = Settings.read(Map.of("DATABASE_URL", "postgres://millrace:secret@127.0.0.1:1/millrace")).database();
        assertThatThrownBy(() -> new Migrations(nowhere).run()).isInstanceOf(StoreUnavailableException.class)
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1)).hasMessageNotContaining("secret");
    }
}
