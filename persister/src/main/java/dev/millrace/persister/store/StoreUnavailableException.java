package dev.millrace.persister.store;

/** Postgres is away, overloaded or held up by others. Nothing is known to be written, and the same again may succeed later. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    public StoreUnavailableException(String message) {
        super(message);
    }
}
