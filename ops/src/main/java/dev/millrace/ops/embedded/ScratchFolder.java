package dev.millrace.ops.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A private folder among the system's temporary files, which goes with all that is in it when it is closed.
 *
 * @param path where it is
 */
public record ScratchFolder(Path path) implements AutoCloseable {

    /** Makes one whose name begins with {@code millrace-} and these words. */
    public static ScratchFolder make(String words) {
        try {
            return new ScratchFolder(Files.createTempDirectory("millrace-" + words + "-"));
        } catch (IOException e) {
            throw new StartupException("No temporary folder could be made (" + Folders.reason(e) + ").", e);
        }
    }

    /** Deletes it. Servers that work in it must have been stopped. */
    @Override
    public void close() {
        try {
            Folders.deleteTree(path);
        } catch (IOException e) {
            throw new IllegalStateException("The temporary folder " + path + " could not be deleted (" + Folders.reason(e) + ").", e);
        }
    }
}
