package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A small shell outside the JVM that ends one server process when the JVM is gone.
 *
 * <p>It reads a pipe whose only writer is this JVM. The pipe's end (the JVM exited or was killed) makes it ask the server to stop, then
 * kill it when the grace is over. A line on the pipe means that the server has been ended in good order, and the shell goes quietly. It
 * lives in its own session and ignores the usual signals, so that whatever takes the JVM down doesn't take the reaper along.
 */
final class Reaper implements AutoCloseable {
    private static final String SCRIPT = """
            trap '' HUP INT QUIT TERM
            if read -r word; then exit 0; fi
            kill -s CONT "$1"
            kill -s "$2" "$1"
            looks=$3
            while [ "$looks" -gt 0 ] && kill -s 0 "$1"; do
              sleep 0.1 || sleep 1
              looks=$((looks - 1))
            done
            kill -s KILL "$1"
            """;
    private static final int LOOKS_A_SECOND = 10;

    private final Process shell;

    private Reaper(Process shell) {
        this.shell = shell;
    }

    /**
     * Starts to watch over a server.
     *
     * @param pid the server's process
     * @param graceful the signal that asks it to stop in good order
     * @param grace how long it may take before SIGKILL
     */
    static Reaper watch(long pid, Signal graceful, Duration grace) throws IOException {
        List<String> command = List.of("sh", "-c", SCRIPT, "millrace-reaper", Long.toString(pid), graceful.name(),
                Long.toString(grace.toSeconds() * LOOKS_A_SECOND));
        return new Reaper(new ProcessBuilder(Detached.command(command))
                .directory(Detached.NOWHERE.toPath().getRoot().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    long pid() {
        return shell.pid();
    }

    /** Sends the reaper home: the server has ended, or is about to be ended by the caller. Safe to call again. */
    @Override
    public void close() {
        try (OutputStream pipe = shell.getOutputStream()) {
            pipe.write("done\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException goneAlready) {
            // The reaper was sent home before, or somebody killed it: nobody is left to tell.
        }
    }
}
