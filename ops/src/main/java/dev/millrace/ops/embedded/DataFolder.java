package dev.millrace.ops.embedded;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The folder that {@code millrace up} keeps everything in ({@code MILLRACE_DATA}), for its owner alone (mode 0700) and for one Millrace at
 * a time. The operating system frees it when the process ends, however it ends.
 *
 * <p>In it: {@code redis/}, {@code postgres/}, {@code bin/} (the unpacked servers), {@code millrace.env} (secrets), {@code lock}.
 */
public final class DataFolder implements AutoCloseable {
    private final Path path;
    private final FolderLock lock;
    private final EnvFile env;

    private DataFolder(Path path, FolderLock lock, EnvFile env) {
        this.path = path;
        this.lock = lock;
        this.env = env;
    }

    /**
     * Makes the folder if it is missing and takes it.
     *
     * @throws StartupException when it can't be made or written, or when another Millrace has it
     */
    public static DataFolder open(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        FolderLock lock = FolderLock.take(path, "data folder");
        EnvFile env = null;
        try {
            env = EnvFile.read(path.resolve("millrace.env"));
            return new DataFolder(path, lock, env);
        } catch (IOException e) {
            throw new StartupException("The file millrace.env in " + path + " can't be read (" + Folders.reason(e)
                    + "); make it readable for user " + System.getProperty("user.name") + ".", e);
        } finally {
            if (env == null) {
                lock.close();
            }
        }
    }

    public Path path() {
        return path;
    }

    /** The values kept in {@code millrace.env}. */
    public EnvFile env() {
        return env;
    }

    /** A secret of that name: 256 random bits behind a prefix, made once and kept in {@code millrace.env}. */
    public String secret(String key, String prefix) {
        return env.getOrMake(key, () -> prefix + Secrets.next());
    }

    /** The Redis of this folder, with a password. */
    public RedisOptions redis() {
        return RedisOptions.in(path.resolve("redis")).withPassword(secret("REDIS_PASSWORD", "")).withBinaries(binaries());
    }

    /** The Postgres of this folder. */
    public PostgresOptions postgres() {
        return PostgresOptions.in(path.resolve("postgres")).withBinaries(binaries());
    }

    private BinaryStore binaries() {
        return new BinaryStore(path.resolve("bin"));
    }

    /** Gives the folder free for another process. The servers in it must be stopped before. */
    @Override
    public void close() {
        lock.close();
    }
}
