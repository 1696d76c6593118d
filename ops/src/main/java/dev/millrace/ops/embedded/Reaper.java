package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A small shell outside the JVM that ends one server process when the JVM is gone.
 *
 * <p>It reads a pipe whose only writer is this JVM. The pipe's end (the JVM exited or was killed) makes it ask the server to stop, then
 * kill it when the grace is over. The line {@code ended} means that the server has been ended by the JVM, and the shell goes quietly;
 * {@code paused} and pids names stopped processes, which could not follow a request to stop and are let run on before it. It lives in its own session and ignores the usual signals, so that whatever takes the JVM down doesn't take the reaper along.
 */
final class Reaper implements AutoCloseable {
    private static final String SCRIPT = """
            trap '' HUP INT QUIT TERM
            paused=
            while read -r word pids; do
              case $word in
                paused) paused=$pids ;;
                ended) exit 0 ;;
              esac
            done
            kill -s CONT $paused "$1"
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
                .directory(Detached.NOWHERE.getRoot().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Says which of the server's processes are stopped by SIGSTOP, in place of what was said before. */
    void paused(List<Long> pids) {
        tell("paused " + pids.stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }

    /** Sends the reaper home: the server has ended. Safe to call again. */
    @Override
    public void close() {
        tell("ended");
    }

    private void tell(String line) {
        try {
            OutputStream pipe = shell.getOutputStream();
            pipe.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            pipe.flush();
        } catch (IOException goneAlready) {
            // The reaper was sent home before, or somebody killed it: nobody is left to tell.
        }
    }
}
