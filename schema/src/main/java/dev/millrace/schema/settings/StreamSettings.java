package dev.millrace.schema.settings;

import java.time.Duration;

/**
 * How boards may be watched.
 *
 * @param every how long one process leaves between two looks at the same at least
 * @param max streams that one process has open
 * @param clientMax streams that one client has open at one process
 */
public record StreamSettings(Duration every, int max, int clientMax) {
    private static final Duration MIN_EVERY = Duration.ofMillis(20);
    private static final Duration MAX_EVERY = Duration.ofMinutes(1);

    public StreamSettings {
        if (every.compareTo(MIN_EVERY) < 0 || every.compareTo(MAX_EVERY) > 0) {
            throw new SettingsException("MILLRACE_STREAM_EVERY must be between 20ms and 1m");
        }
    }
}
