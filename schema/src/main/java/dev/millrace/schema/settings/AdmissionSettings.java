package dev.millrace.schema.settings;

import java.time.Duration;

/**
 * How much is let in.
 *
 * @param queueMax unfinished events a partition
 * @param laneMax unfinished events a lane
 * @param dedupeWindow how long at least an id is remembered
 * @param dedupeMax ids a partition remembers a window
 * @param eventMaxBytes largest event
 */
public record AdmissionSettings(int queueMax, int laneMax, Duration dedupeWindow, int dedupeMax, int eventMaxBytes) {
    public AdmissionSettings {
        if (dedupeWindow.compareTo(Duration.ofMinutes(1)) < 0 || dedupeWindow.compareTo(Duration.ofDays(7)) > 0) {
            throw new SettingsException("MILLRACE_DEDUPE_WINDOW must be between 1m and 7d");
        }
        if (eventMaxBytes < 1 << 10 || eventMaxBytes > 1 << 20) {
            throw new SettingsException("MILLRACE_EVENT_MAX must be between 1KiB and 1MiB");
        }
    }
}
