package dev.millrace.ops.embedded;

import java.nio.file.Path;
import java.util.Map;

/**
 * How an {@link EmbeddedPostgres} is started.
 *
 * @param folder its folder: database cluster, password, log; made when missing
 * @param port the port on 127.0.0.1, or 0 for a free one
 * @param durable whether a commit is on disk before it is acknowledged; false is for tests: a kill costs nothing, a power loss everything
 * @param settings further settings by name ({@code max_connections}), which win over all others
 * @param binaries where its programs are kept
 */
public record PostgresOptions(Path folder, int port, boolean durable, Map<String, String> settings, BinaryStore binaries) {

    public PostgresOptions {
        settings = Map.copyOf(settings);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
    }

    /** A durable Postgres in that folder, on any free port. */
    public static PostgresOptions in(Path folder) {
        return new PostgresOptions(folder, 0, true, Map.of(), BinaryStore.ofUser());
    }

    public PostgresOptions withPort(int port) {
        return new PostgresOptions(folder, port, durable, settings, binaries);
    }

    public PostgresOptions withDurable(boolean durable) {
        return new PostgresOptions(folder, port, durable, settings, binaries);
    }

    /** Replaces the further settings. */
    public PostgresOptions withSettings(Map<String, String> settings) {
        return new PostgresOptions(folder, port, durable, settings, binaries);
    }

    public PostgresOptions withBinaries(BinaryStore binaries) {
        return new PostgresOptions(folder, port, durable, settings, binaries);
    }
}
