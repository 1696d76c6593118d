package dev.millrace.schema.settings;

import java.time.Duration;

/**
 * How much is let in.
 *
 * @param queueMax unfinished events a partition
 * @param laneMax unfinished events a lane
 * @param clientMax unfinished events of one client in a partition
 * @param scheduledMax events that a partition holds for later
 * @param runAtMax how far ahead an event may be scheduled
 * @param dedupeWindow how long at least an id is remembered
 * @param dedupeMax ids a partition remembers a window
 * @param eventMaxBytes largest event
 */
public record AdmissionSettings(int queueMax, int laneMax, int clientMax, int scheduledMax, Duration runAtMax, Duration dedupeWindow,
        int dedupeMax,
        int eventMaxBytes) {
    public AdmissionSettings {
        if (runAtMax.compareTo(Duration.ofDays(3_650)) > 0) {
            throw new SettingsException("MILLRACE_RUN_AT_MAX must be at most 3650d");
        }
        if (dedupeWindow.compareTo(Duration.ofMinutes(1)) < 0 || dedupeWindow.compareTo(Duration.ofDays(7)) > 0) {
            throw new SettingsException("MILLRACE_DEDUPE_WINDOW must be between 1m and 7d");
        }
        if (eventMaxBytes < 1 << 10 || eventMaxBytes > 1 << 20) {
            throw new SettingsException("MILLRACE_EVENT_MAX must be between 1KiB and 1MiB");
        }
    }
}
