package dev.millrace.ops.bench;

/** A run that lost, doubled or changed something, or came to no end. */
public final class MismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MismatchException(String message) {
        super(message);
    }

    /** Fails unless both are the same. */
    static void check(String what, long expected, long found) {
        if (expected != found) {
            throw new MismatchException(what + ": " + found + " instead of " + expected);
        }
    }
}
