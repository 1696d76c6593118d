package dev.millrace.schema.settings;

import java.time.Duration;

/**
 * How partitions are owned and worked.
 *
 * @param leaseTtl how long a lease lasts without renewal
 * @param batchMax events of a partition in one step
 * @param unpersistedMax events a partition may be ahead of Postgres
 * @param deadMax dead letters a partition keeps
 */
public record EngineSettings(Duration leaseTtl, int batchMax, int unpersistedMax, int deadMax) {
    /** Lua's {@code unpack} takes some 8,000 values, and a batch of events that share nothing needs four an event. */
    private static final int BATCH_LIMIT = 1_500;

    public EngineSettings {
        if (leaseTtl.toMillis() < 1_000 || leaseTtl.toMillis() > 60_000) {
            throw new SettingsException("MILLRACE_LEASE_TTL must be between 1s and 1m");
        }
        if (batchMax > BATCH_LIMIT) {
            throw new SettingsException("MILLRACE_BATCH_MAX must be at most " + BATCH_LIMIT);
        }
    }
}
