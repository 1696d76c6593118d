package dev.millrace.ops.soak;

import static org.awaitility.Awaitility.await;

import dev.millrace.ops.embedded.EmbeddedPostgres;
import dev.millrace.ops.embedded.PostgresOptions;
import dev.millrace.ops.testkit.RedisProxy;
import dev.millrace.ops.testkit.TestFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Postgres that has every commit of another one before that one acknowledges it, and can take its place and its address. */
final class Standby implements AutoCloseable {
    private final int address;
    private final EmbeddedPostgres server;
    private @Nullable RedisProxy moved;

    private Standby(int address, EmbeddedPostgres server) {
        this.address = address;
        this.server = server;
    }

    /** Copies the files of the servers' Postgres while it works, starts another one on them, and waits until no commit is done without it. */
    static Standby of(Servers servers) throws SQLException {
        EmbeddedPostgres primary = servers.postgres();
        Path folder = TestFolders.fresh("standby");
        // Or what is written between the copy and the first connection might be gone from the log when the standby asks for it.
        servers.sql("alter system set wal_keep_size = '1GB'", "select pg_reload_conf()");
        copy(servers, folder.resolve("cluster"));
        EmbeddedPostgres server = EmbeddedPostgres.start(PostgresOptions.in(folder)
                .withSettings(
                        Map.of("primary_conninfo", "host=127.0.0.1 port=%d user=%s password=%s".formatted(primary.port(), primary.user(),
                                primary.password()))));
        servers.sql("alter system set synchronous_standby_names = '*'", "select pg_reload_conf()");
        await("a standby that has every commit").until(
                () -> servers.single("select count(*) from pg_stat_replication where sync_state = 'sync'"),
                "1"::equals);
        return new Standby(primary.port(), server);
    }

    /** A copy of a server's files is whole with the label that it gives out when the copy is done, and with its log. */
    private static void copy(Servers servers, Path to) throws SQLException {
        try (Connection connection = servers.connect(); Statement statement = connection.createStatement()) {
            Path data = Path.of(only(statement, "show data_directory"));
            only(statement, "select pg_backup_start('standby', true)");
            copyTree(data.getParent(), to);
            String label = only(statement, "select labelfile from pg_backup_stop(false)");
            Path copied = to.resolve(data.getFileName());
            Files.writeString(copied.resolve("backup_label"), label);
            Files.createFile(copied.resolve("standby.signal"));
            Files.deleteIfExists(copied.resolve("postmaster.pid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String only(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Path copied = Files.createDirectories(to.resolve(from.relativize(folder)));
                Files.setPosixFilePermissions(copied, Files.getPosixFilePermissions(folder));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try {
                    Files.copy(file, to.resolve(from.relativize(file)));
                } catch (NoSuchFileException goneMeanwhile) {
                    // As files of a working server may be; the log knows of it.
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
    }

    /** Becomes the primary, and is found where the other one was, which must be gone. */
    void takeOver() throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl()); Statement statement = connection.createStatement()) {
            if (!only(statement, "select pg_promote(true, 60)").equals("t")) {
                throw new IllegalStateException("the standby was not promoted");
            }
        }
        moved = RedisProxy.at(address, server.port());
    }

    @Override
    public void close() {
        RedisProxy proxy = moved;
        if (proxy != null) {
            proxy.close();
        }
        server.close();
    }
}
