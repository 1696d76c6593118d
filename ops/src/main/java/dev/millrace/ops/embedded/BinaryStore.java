package dev.millrace.ops.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/**
 * The server programs, taken out of their jars once and kept in a folder.
 *
 * <p>Each set lies in a folder named after its contents, which appears there whole or not at all: it is unpacked under another name, forced
 * to disk, and renamed. Several JVMs may do so at once; the first to finish wins.
 *
 * @param folder where the programs are kept; made when missing
 */
public record BinaryStore(Path folder) {
    private static final Logger log = LoggerFactory.getLogger(BinaryStore.class);
    private static final String REDIS_VERSION = "7.0.15";
    private static final String UNFINISHED = ".unpacking-";
    private static final Duration ABANDONED_AFTER = Duration.ofHours(1);

    /** The store of the current user, shared by everything that this user runs: {@code ~/.cache/millrace}, or what the system has for it. */
    public static BinaryStore ofUser() {
        String home = System.getProperty("user.home");
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).filter(path -> !path.isBlank()).map(Path::of)
                .orElseGet(() -> System.getProperty("os.name").startsWith("Mac") ? Path.of(home, "Library", "Caches")
                        : Path.of(home, ".cache"));
        return new BinaryStore(cache.resolve("millrace"));
    }

    /** The program {@code redis-server}. */
    Path redisServer() {
        Platform platform = Platform.current();
        String resource = "/redis-server-" + REDIS_VERSION + "-" + platform.system() + "-" + platform.processor();
        return unpacked("redis-" + REDIS_VERSION, find(resource, platform), (in, into) -> write(in, into.resolve("redis-server"), true))
                .resolve("redis-server");
    }

    /** The folder with Postgres's {@code bin}, {@code lib} and {@code share}. */
    Path postgresHome() {
        Platform platform = Platform.current();
        String processor = platform.processor().equals("amd64") ? "x86_64" : "arm_64";
        String resource = "/postgres-" + platform.system() + "-" + processor + (platform.isMusl() ? "-alpine_linux" : "") + ".txz";
        return unpacked("postgres", find(resource, platform), BinaryStore::unpackTar);
    }

    private static URL find(String resource, Platform platform) {
        URL found = BinaryStore.class.getResource(resource);
        if (found == null) {
            throw Platform.unsupported(platform.toString());
        }
        return found;
    }

    @FunctionalInterface
    private interface Unpacking {
        void unpack(InputStream from, Path into) throws IOException;
    }

    private Path unpacked(String name, URL source, Unpacking unpacking) {
        try {
            Path store = folder.toAbsolutePath();
            Path target = store.resolve(name + "-" + fingerprint(source));
            if (Files.isDirectory(target)) {
                return target;
            }
            log.info("unpacking {} into {}", name, store);
            Files.createDirectories(store);
            removeAbandoned(store);
            Path fresh = Files.createTempDirectory(store, UNFINISHED);
            try {
                try (InputStream in = new BufferedInputStream(source.openStream())) {
                    unpacking.unpack(in, fresh);
                }
                Folders.force(fresh);
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                publish(fresh, target);
            } finally {
                Folders.deleteTree(fresh);
            }
            return target;
        } catch (IOException e) {
            throw new StartupException("Can't unpack the embedded " + name + " into " + folder + " (" + Folders.reason(e)
                    + "); make that folder writable, or free some disk space.", e);
        }
    }

    /** Removes what a JVM left that was killed while it unpacked. Younger ones may be the work of a JVM that lives. */
    private static void removeAbandoned(Path folder) throws IOException {
        Instant old = Instant.now().minus(ABANDONED_AFTER);
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.filter(one -> one.getFileName().toString().startsWith(UNFINISHED)).toList()) {
                if (Files.getLastModifiedTime(path).toInstant().isBefore(old)) {
                    Folders.deleteTree(path);
                }
            }
        }
    }

    private static void publish(Path fresh, Path target) throws IOException {
        try {
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw e;
        } catch (FileSystemException e) {
            // Renaming onto a folder that is not empty fails: another JVM was first, with the same contents.
            if (!Files.isDirectory(target)) {
                throw e;
            }
        }
    }

    /** Tells two versions of a binary apart without reading it: the checksum that the jar's index has of it. */
    private static String fingerprint(URL source) throws IOException {
        URLConnection connection = source.openConnection();
        if (connection instanceof JarURLConnection jar) {
            return Long.toHexString(jar.getJarEntry().getCrc());
        }
        return Long.toHexString(connection.getContentLengthLong());
    }

    private static void unpackTar(InputStream from, Path into) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(from))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = into.resolve(entry.getName()).normalize();
                if (!path.startsWith(into)) {
                    throw new IOException("the archive names a path outside of its folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(path.getParent());
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (entry.isFile() && !isForLinking(path)) {
                    Files.createDirectories(path.getParent());
                    write(tar, path, (entry.getMode() & 0100) != 0);
                }
            }
        }
    }

    /** Static libraries serve those who build against Postgres, not the server. */
    private static boolean isForLinking(Path path) {
        return path.toString().endsWith(".a");
    }

    private static void write(InputStream from, Path path, boolean executable) throws IOException {
        Files.copy(from, path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
