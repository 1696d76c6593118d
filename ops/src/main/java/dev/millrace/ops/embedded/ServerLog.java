package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Predicate;

/** What a server writes about itself: a file that grows over its starts, put aside (one generation) when it is large. */
final class ServerLog {
    private static final long LARGE_BYTES = 16L << 20;
    private static final int TAIL_BYTES = 64 << 10;

    private final Path file;
    private long startedAt;

    ServerLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** Marks the place from where {@link #lines()} reads: what follows belongs to the coming start. */
    void beginStart() throws IOException {
        if (Files.exists(file) && Files.size(file) > LARGE_BYTES) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        startedAt = Files.exists(file) ? Files.size(file) : 0;
    }

    /** The last lines since the start began, without blank ones. */
    List<String> lines() {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(startedAt, in.length() - TAIL_BYTES);
            byte[] tail = new byte[(int) Math.max(0, in.length() - from)];
            in.seek(from);
            in.readFully(tail);
            return new String(tail, StandardCharsets.UTF_8).lines().map(String::strip).filter(Predicate.not(String::isEmpty)).toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    boolean says(String words) {
        return lines().stream().anyMatch(line -> line.contains(words));
    }
}
