package dev.millrace.schema.redis;

import org.jspecify.annotations.Nullable;

/** Redis could not be asked, or did not answer in time. */
public final class RedisUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outcomeUnknown;

    public RedisUnavailableException(String message, boolean outcomeUnknown, @Nullable Throwable cause) {
        super(message, cause);
        this.outcomeUnknown = outcomeUnknown;
    }

    public RedisUnavailableException(String message) {
        super(message);
        this.outcomeUnknown = false;
    }

    /** Whether the command may have been executed all the same; false if it was certainly never sent. */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
