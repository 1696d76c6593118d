package dev.millrace.persister.store;

/** The tables can't be brought up to date, and someone has to look at it; the message is one line. */
public final class MigrationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MigrationException(String message, Throwable cause) {
        super(message, cause);
    }
}
