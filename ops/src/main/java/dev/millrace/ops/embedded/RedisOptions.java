package dev.millrace.ops.embedded;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link EmbeddedRedis} is started.
 *
 * @param folder its folder: append-only file, configuration, log; made when missing
 * @param port the port on 127.0.0.1, or 0 for a free one
 * @param password what clients must say, or null for none
 * @param appendFsync when the append-only file is forced to disk
 * @param extraConfig lines for the end of its configuration, where they win over earlier ones ({@code cluster-enabled yes})
 * @param sentinel whether it runs as a Sentinel, which keeps no data and rewrites its configuration itself
 * @param binaries where its program is kept
 * @param program another {@code redis-server} to run instead, of 7.0 or newer, or null
 */
public record RedisOptions(Path folder, int port, @Nullable String password, AppendFsync appendFsync, List<String> extraConfig,
        boolean sentinel, BinaryStore binaries, @Nullable Path program) {

    public RedisOptions {
        extraConfig = List.copyOf(extraConfig);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
    }

    /** A Redis in that folder, on any free port, without a password, forcing its file to disk every second. */
    public static RedisOptions in(Path folder) {
        return new RedisOptions(folder, 0, null, AppendFsync.EVERYSEC, List.of(), false, BinaryStore.ofUser(), null);
    }

    public RedisOptions withPort(int port) {
        return new RedisOptions(folder, port, password, appendFsync, extraConfig, sentinel, binaries, program);
    }

    public RedisOptions withPassword(@Nullable String password) {
        return new RedisOptions(folder, port, password, appendFsync, extraConfig, sentinel, binaries, program);
    }

    public RedisOptions withAppendFsync(AppendFsync appendFsync) {
        return new RedisOptions(folder, port, password, appendFsync, extraConfig, sentinel, binaries, program);
    }

    /** Replaces the extra lines. */
    public RedisOptions withExtraConfig(String... lines) {
        return new RedisOptions(folder, port, password, appendFsync, List.of(lines), sentinel, binaries, program);
    }

    public RedisOptions asSentinel() {
        return new RedisOptions(folder, port, password, appendFsync, extraConfig, true, binaries, program);
    }

    public RedisOptions withBinaries(BinaryStore binaries) {
        return new RedisOptions(folder, port, password, appendFsync, extraConfig, sentinel, binaries, program);
    }

    public RedisOptions withProgram(Path program) {
        return new RedisOptions(folder, port, password, appendFsync, extraConfig, sentinel, binaries, program);
    }
}
