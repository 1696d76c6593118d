package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A POSIX signal, sent by the shell's built-in {@code kill}: slim images have no {@code kill} program, but all have {@code sh}. */
enum Signal {
    INT,
    TERM,
    QUIT,
    KILL,
    STOP,
    CONT;

    private static final long SHELL_LIMIT_SECONDS = 10;

    /** Sends this signal to each of the processes, in the order given. A process that is already gone is passed over. */
    void send(Collection<Long> pids) {
        if (pids.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(
                List.of("sh", "-c", "signal=$1; shift; for pid do kill -s \"$signal\" \"$pid\" 2>/dev/null; done", "sh", name()));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            Process shell = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(Detached.NOWHERE.toFile()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!Interrupts.waitFor(shell, TimeUnit.SECONDS.toNanos(SHELL_LIMIT_SECONDS))) {
                shell.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't send SIG" + name() + " to " + pids, e);
        }
    }
}
