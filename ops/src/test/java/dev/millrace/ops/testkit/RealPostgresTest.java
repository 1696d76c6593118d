package dev.millrace.ops.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@RealPostgres
final class RealPostgresTest {
    private final PostgresDatabase database;

    RealPostgresTest(PostgresDatabase database) {
        this.database = database;
    }

    @Test
    void theDatabaseIsFreshAndOfTheSharedServer() throws SQLException {
        assertThat(single("select current_database()")).isEqualTo(database.name());
        assertThat(single("select count(*) from pg_stat_user_tables")).isEqualTo("0");
    }

    @Test
    void theSharedServerDoesNotWaitForTheDisk() throws SQLException {
        assertThat(single("show fsync")).isEqualTo("off");
    }

    @Nested
    final class InAnInnerClass {
        @Test
        void theDatabaseIsTheOuterOne(PostgresDatabase inner) {
            assertThat(inner).isSameAs(database);
        }
    }

    private String single(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
