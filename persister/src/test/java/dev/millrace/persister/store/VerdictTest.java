package dev.millrace.persister.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTest {
    @ParameterizedTest
    @ValueSource(strings = {"40001", "40P01", "40003", "08000", "08001", "08003", "08004", "08006", "08007", "08P01", "57P01", "57P02",
            "57P03",
            "57P05", "57014", "53000", "53100", "53200", "53300", "25006", "25P03", "55P03", "55006", "58000", "58030", "28000", "28P01"})
    void faultsOfConnectionsServersAndRivalsAreTriedAgain(String state) {
        assertThat(Verdict.ofState(state)).isEqualTo(Verdict.TRY_AGAIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"21000", "22001", "22003", "22021", "22P02", "22P05", "23502", "23505", "23514", "40002", "42601", "42501", "42703",
                    "42P01", "25P02", "0A000", "54000", "P0001", "XX000", "XX001", "57P04", "99999", "", "0"})
    void faultsOfTheDataOrTheStatementAreNot(String state) {
        assertThat(Verdict.ofState(state)).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void theFirstSqlExceptionAmongTheCausesDecides() {
        SQLException deadlock = new SQLException("deadlock detected", "40P01", new SQLException("other", "22000"));
        assertThat(Verdict.of(new DataAccessException("wrapped", deadlock))).isEqualTo(Verdict.TRY_AGAIN);
        assertThat(Verdict.of(new IllegalStateException(new DataAccessException("wrapped", new SQLException("no", "23505")))))
                .isEqualTo(Verdict.REFUSED);
    }

    @Test
    void aPoolWithoutAConnectionToGiveIsTriedAgain() {
        assertThat(Verdict
                .of(new DataAccessException("wrapped", new SQLTransientConnectionException("not available, timed out after 1000ms"))))
                .isEqualTo(Verdict.TRY_AGAIN);
    }

    @Test
    void whatIsNoSqlFailureIsADefect() {
        assertThat(Verdict.of(new NullPointerException())).isEqualTo(Verdict.REFUSED);
        assertThat(Verdict.of(new SQLException("pool has been closed"))).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void theWordsAreTheServersFirstLineAndTheState() {
        SQLException failure = new SQLException("ERROR: duplicate key value violates unique constraint\n  Detail: Key (user_id)=(ann)",
                "23505");
        assertThat(Verdict.words(new DataAccessException("SQL [insert …]", failure)))
                .isEqualTo("ERROR: duplicate key value violates unique constraint (SQLSTATE 23505)");
        assertThat(Verdict.words(new NullPointerException())).isEqualTo("NullPointerException");
    }
}
