package dev.millrace.ingest.user;

/** There is more to hash than there is room for; nothing was done. */
public final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BusyException() {
        super("too many passwords wait to be hashed", null, false, false);
    }
}
