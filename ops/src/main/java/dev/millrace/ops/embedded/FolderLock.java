package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The exclusive right to a folder: a lock on its file {@code lock}, which the operating system frees when this JVM ends, however it ends.
 * The file holds the owner's pid, for the message that others get.
 */
final class FolderLock implements AutoCloseable {
    private static final String FILE = "lock";

    /**
     * Folders locked by this JVM. Asked before the file is opened, because closing any channel to a file drops all POSIX locks that the
     * process has on it.
     */
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Makes the folder if it is missing and takes it.
     *
     * @param what the folder's role, for the message ("data folder")
     * @throws StartupException when the folder can't be made or written, or is held by another
     */
    static FolderLock take(Path folder, String what) {
        try {
            Folders.makePrivate(folder);
            return tryTake(folder).orElseThrow(() -> new StartupException("The " + what + " " + folder + " is in use by another Millrace ("
                    + holder(folder) + "); stop that one, or set MILLRACE_DATA to another folder."));
        } catch (IOException e) {
            throw new StartupException(
                    "The " + what + " " + folder + " can't be written (" + Folders.reason(e) + "); make it writable for user "
                            + System.getProperty("user.name") + ", or set MILLRACE_DATA to another folder.",
                    e);
        }
    }

    /** The lock, or empty when another process, or this one, holds it. The folder must exist. */
    static Optional<FolderLock> tryTake(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (!HELD_HERE.add(real)) {
            return Optional.empty();
        }
        Optional<FolderLock> taken = Optional.empty();
        try {
            taken = open(real);
        } finally {
            if (taken.isEmpty()) {
                HELD_HERE.remove(real);
            }
        }
        return taken;
    }

    private static Optional<FolderLock> open(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                return Optional.empty();
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            taken = true;
            return Optional.of(new FolderLock(folder, channel));
        } finally {
            if (!taken) {
                channel.close();
            }
        }
    }

    /** Who holds the folder, as words for a message. */
    static String holder(Path folder) {
        if (isHeldHere(folder)) {
            return "pid " + ProcessHandle.current().pid() + ", this process";
        }
        try {
            String pid = Files.readString(folder.resolve(FILE), StandardCharsets.US_ASCII).strip();
            return pid.isEmpty() ? "pid unknown" : "pid " + pid;
        } catch (IOException unreadable) {
            return "pid unknown";
        }
    }

    private static boolean isHeldHere(Path folder) {
        try {
            return HELD_HERE.contains(folder.toRealPath());
        } catch (IOException gone) {
            return false;
        }
    }

    /** Gives the folder free. Safe to call again. */
    @Override
    public void close() {
        if (channel.isOpen()) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("can't release the lock on " + folder, e);
            } finally {
                HELD_HERE.remove(folder);
            }
        }
    }
}
