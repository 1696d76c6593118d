package dev.millrace.persister.store;

/** Postgres is there and refuses what it was given. Nothing was written, and the same again would be refused again. */
public final class PoisonBatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PoisonBatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
