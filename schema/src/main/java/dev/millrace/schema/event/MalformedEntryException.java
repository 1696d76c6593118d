package dev.millrace.schema.event;

/** A stream entry that does not read as what its stream holds: written by a newer format, or damaged. */
public final class MalformedEntryException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedEntryException(String message) {
        super(message);
    }

    public MalformedEntryException(String message, Throwable cause) {
        super(message, cause);
    }
}
