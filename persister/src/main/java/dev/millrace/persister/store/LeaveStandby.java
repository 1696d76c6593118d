package dev.millrace.persister.store;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/** Gives up a connection to a server that only reads, so that the next one may lead to the server that took over from it. */
final class LeaveStandby implements SQLExceptionOverride {
    private static final String READ_ONLY = "25006";

    @java.lang.Override
    public SQLExceptionOverride.Override adjudicate(SQLException failure) {
        return READ_ONLY.equals(failure.getSQLState()) ? SQLExceptionOverride.Override.MUST_EVICT
                : SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
}
