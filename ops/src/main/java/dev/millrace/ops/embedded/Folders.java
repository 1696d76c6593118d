package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Private folders and files: readable and writable by their owner alone. */
final class Folders {
    private static final Set<PosixFilePermission> FOLDER_MODE = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<
            Set<PosixFilePermission>> FILE_MODE = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int FORCED_AT_ONCE = 16;

    private Folders() {}

    /** Makes the folder, with its parents, for its owner alone (0700). An existing folder is tightened where it is ours to tighten. */
    static void makePrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(FOLDER_MODE));
            return;
        }
        if (!Files.getPosixFilePermissions(folder).equals(FOLDER_MODE)) {
            try {
                Files.setPosixFilePermissions(folder, FOLDER_MODE);
            } catch (FileSystemException notOurs) {
                // A mounted volume often belongs to somebody else; the secrets in it have modes of their own.
            }
        }
    }

    /** Writes a file for its owner alone (0600). Readers, and a start after a power loss, see the old text or the new one, never a part. */
    static void writePrivate(Path file, String text) throws IOException {
        Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "." + file.getFileName(), ".new", FILE_MODE);
        try {
            Files.writeString(fresh, text, StandardCharsets.UTF_8);
            forceFile(fresh);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Forces all files of a folder to disk, many at a time: file systems serve such requests together, some ten times as fast. */
    static void force(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)).toList();
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(Math.min(FORCED_AT_ONCE, Math.max(1, files.size())))) {
            List<Future<?>> forced = new ArrayList<>();
            for (Path file : files) {
                forced.add(threads.submit(() -> {
                    forceFile(file);
                    return null;
                }));
            }
            for (Future<?> one : forced) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while writing " + folder);
        }
    }

    private static void forceFile(Path file) throws IOException {
        try (FileChannel written = FileChannel.open(file, StandardOpenOption.WRITE)) {
            written.force(true);
        }
    }

    /** Deletes a folder with all that is in it. Symbolic links are removed, not followed. Nothing happens when it does not exist. */
    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** The cause of a failed file operation, in a few words. */
    static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case NotDirectoryException not -> not.getFile() + " is not a folder";
            case FileSystemException failed when failed.getReason() != null -> failed.getReason() + ": " + failed.getFile();
            case FileSystemException failed -> failed.getClass().getSimpleName() + ": " + failed.getFile();
            default -> String.valueOf(e.getMessage());
        };
    }
}
