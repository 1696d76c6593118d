package dev.millrace.ops.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A child process in its own session, with a reaper. Its descendants (Postgres backends, a Redis rewrite) belong to it. */
final class ServerProcess {
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    private final Process root;
    private final Reaper reaper;
    private volatile boolean endedOnPurpose;

    private ServerProcess(Process root, Reaper reaper) {
        this.root = root;
        this.reaper = reaper;
    }

    /** One step of a stop: a signal, and how long the server may take over it before the next step. */
    record StopStep(Signal signal, Duration limit) {}

    /**
     * Starts a program.
     *
     * @param command the program and its arguments; it must stay in the foreground
     * @param input the file that it reads as its standard input
     * @param log the file that its output is appended to
     * @param graceful how the reaper asks it to stop, should this JVM be gone
     */
    static ServerProcess start(List<String> command, Path input, Path log, StopStep graceful) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Detached.command(command))
                .redirectInput(ProcessBuilder.Redirect.from(input.toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        Process root = builder.start();
        Reaper reaper;
        try {
            reaper = Reaper.watch(root.pid(), graceful.signal(), graceful.limit());
        } catch (IOException | RuntimeException e) {
            root.destroyForcibly();
            throw e;
        }
        var _ = root.onExit().thenRun(reaper::close);
        return new ServerProcess(root, reaper);
    }

    long pid() {
        return root.pid();
    }

    boolean isAlive() {
        return root.isAlive();
    }

    /** Waits for its end; false when time ran out or the thread was interrupted first. */
    boolean waitFor(Duration limit) {
        return Interrupts.waitFor(root, limit.toNanos());
    }

    /** Completes with the exit code when the server has ended, for whatever reason. */
    CompletableFuture<Integer> exit() {
        return root.onExit().thenApply(Process::exitValue);
    }

    /** Whether it was {@link #stop} or {@link #kill} that ended it. */
    boolean endedOnPurpose() {
        return endedOnPurpose;
    }

    /** Asks the server to stop, step by step, then kills what is left. Returns when it has ended. An interrupt goes straight to the kill. */
    void stop(List<StopStep> steps) {
        endedOnPurpose = true;
        resume();
        for (StopStep step : steps) {
            if (!root.isAlive()) {
                break;
            }
            step.signal().send(List.of(root.pid()));
            if (!Thread.currentThread().isInterrupted()) {
                Interrupts.waitFor(root, step.limit().toNanos());
            }
        }
        if (root.isAlive()) {
            kill();
        }
        reaper.close();
    }

    /** Ends the server and its descendants by SIGKILL and waits until the kernel has taken them away. */
    void kill() {
        endedOnPurpose = true;
        if (!root.isAlive()) {
            return;
        }
        List<ProcessHandle> family = freeze();
        Signal.KILL.send(pids(family));
        Interrupts.waitFor(root, KILL_LIMIT.toNanos());
        // A killed process that init hasn't collected yet has no command any more: it holds nothing.
        Interrupts.waitUntil(() -> family.stream().noneMatch(one -> one.isAlive() && one.info().command().isPresent()), KILL_LIMIT);
    }

    /** Stops the server and its descendants in their tracks (SIGSTOP). */
    void pause() {
        if (root.isAlive()) {
            freeze();
        }
    }

    /** Lets them run on (SIGCONT). */
    void resume() {
        if (root.isAlive()) {
            Signal.CONT.send(pids(family()));
            reaper.paused(List.of());
        }
    }

    /** The root goes first, so that it can't fork behind the back of the list. */
    private List<ProcessHandle> freeze() {
        Signal.STOP.send(List.of(root.pid()));
        List<ProcessHandle> family = family();
        reaper.paused(pids(family));
        Signal.STOP.send(pids(family));
        return family;
    }

    private List<ProcessHandle> family() {
        List<ProcessHandle> family = new ArrayList<>(root.descendants().toList());
        family.add(root.toHandle());
        return family;
    }

    private static List<Long> pids(List<ProcessHandle> family) {
        return family.stream().map(ProcessHandle::pid).toList();
    }
}
