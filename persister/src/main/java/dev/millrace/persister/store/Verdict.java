package dev.millrace.persister.store;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * What a failure of the database says about trying the same transaction again, by SQLSTATE.
 *
 * <p>
 * Codes: <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL, Appendix A</a>.
 */
enum Verdict {
    /** The fault lies with the connection, the server or a rival, not with the data. */
    TRY_AGAIN,
    /** The data, or the statement for it, is at fault; or the failure is none that we know. */
    REFUSED;

    /** Judges by the first SQL exception among the causes. */
    static Verdict of(Throwable failure) {
        SQLException found = sqlException(failure);
        if (found == null) {
            return REFUSED;
        }
        // The pool had no connection to give in time; it has no SQLSTATE where no connection was ever tried.
        if (found instanceof SQLTransientConnectionException) {
            return TRY_AGAIN;
        }
        return found.getSQLState() == null ? REFUSED : ofState(found.getSQLState());
    }

    static Verdict ofState(String state) {
        return switch (state) {
            case "40002" -> REFUSED; // a constraint, though of the class of rollbacks
            case "25006", // read-only: the server has become, or not ceased to be, a standby
                    "25P03", // idle in transaction for too long: the connection was ended
                    "55P03", // lock not available
                    "55006", // object in use
                    "57014", // cancelled, as by statement_timeout
                    "57P01", "57P02", "57P03", "57P05" ->
                TRY_AGAIN; // shut down, crashed, starting, idle for too long
            default -> switch (state.length() < 2 ? state : state.substring(0, 2)) {
                case "08", // connection
                        "28", // credentials: whoever changes them means our data no harm
                        "40", // rolled back for a rival's sake: serialization, deadlock
                        "53", // out of memory, disk or connections
                        "58" ->
                    TRY_AGAIN; // input and output
                default -> REFUSED;
            };
        };
    }

    /** One line that says what went wrong, without the data. */
    static String words(Throwable failure) {
        SQLException found = sqlException(failure);
        Throwable told = found == null ? failure : found;
        String message = told.getMessage() == null ? told.getClass().getSimpleName() : told.getMessage().lines().findFirst().orElse("");
        return found == null || found.getSQLState() == null ? message : message + " (SQLSTATE " + found.getSQLState() + ')';
    }

    private static @Nullable SQLException sqlException(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException found) {
                return found;
            }
        }
        return null;
    }
}
