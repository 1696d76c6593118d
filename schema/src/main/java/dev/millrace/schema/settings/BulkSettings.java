package dev.millrace.schema.settings;

/**
 * How much one request may bring.
 *
 * @param maxItems of an array
 * @param maxBytes of an array
 * @param maxStreamBytes of NDJSON, which is never held whole
 */
public record BulkSettings(int maxItems, int maxBytes, int maxStreamBytes) {
    public BulkSettings {
        if (maxItems > 100_000) {
            throw new SettingsException("MILLRACE_BULK_ITEMS must be at most 100000");
        }
        if (maxBytes < 64 << 10 || maxBytes > 64 << 20) {
            throw new SettingsException("MILLRACE_BULK_MAX must be between 64KiB and 64MiB");
        }
        if (maxStreamBytes < 64 << 10) {
            throw new SettingsException("MILLRACE_NDJSON_MAX must be at least 64KiB");
        }
    }
}
