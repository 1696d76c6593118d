package dev.millrace.ops.embedded;

import dev.millrace.ops.embedded.ServerProcess.StopStep;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real server as a child process on 127.0.0.1, with a folder of its own that no other process can use at the same time.
 *
 * <p>It can be stopped, killed and paused, and started again on the same port and data. All methods may be called from any thread.
 */
public abstract sealed class EmbeddedServer implements AutoCloseable permits EmbeddedRedis, EmbeddedPostgres {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedServer.class);
    private static final int TRIES = 10;
    private static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(1);
    /** How long a server may take to give its first sign of life. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);
    /** How long it may take to read its data back after that. */
    private static final Duration RECOVERY_LIMIT = Duration.ofMinutes(15);
    private static final Duration WORTH_TELLING = Duration.ofSeconds(1);

    private final String name;
    private final Path folder;
    private final ServerLog serverLog;
    private int port;
    private @Nullable FolderLock lock;
    private @Nullable ServerProcess process;

    /** @param port 0 for a free one, chosen at the first start and kept */
    EmbeddedServer(String name, Path folder, int port) {
        this.name = name;
        this.folder = folder.toAbsolutePath().normalize();
        this.port = port;
        this.serverLog = new ServerLog(this.folder.resolve(name.toLowerCase(Locale.ROOT) + ".log"));
    }

    /** What a server that is coming up says. */
    enum Sign {
        /** Nothing yet. */
        SILENT,
        /** Reading its data back. */
        RECOVERING,
        READY
    }

    /** Ends servers of earlier runs that still use the folder, which is held meanwhile. */
    abstract void endLeftovers();

    /** Makes everything that must be there before the program starts. */
    abstract void prepare() throws IOException;

    /** The program and its arguments, to listen on a port; writes what it needs for that. */
    abstract List<String> command(int port) throws IOException;

    abstract Sign sign(int port, long pid);

    /** The steps of a stop, gentlest first. */
    abstract List<StopStep> stopSteps();

    /** Whether a failed start, by its log lines, may succeed when it is tried again a little later. */
    boolean mayPass(List<String> lines) {
        return false;
    }

    /** The reason of a failed start, out of the log lines of that start. */
    abstract String failure(List<String> lines);

    /** Redis or Postgres. */
    public final String name() {
        return name;
    }

    public final synchronized int port() {
        return port;
    }

    /** The folder with its data, configuration and log. */
    public final Path folder() {
        return folder;
    }

    /** The server's own log, appended to over its starts. */
    public final Path logFile() {
        return serverLog.file();
    }

    /** The process id of the running server. */
    public final synchronized long pid() {
        return running().pid();
    }

    public final synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Completes with the exit code when the server that runs now has ended, on purpose or not. */
    public final synchronized CompletableFuture<Integer> exit() {
        return running().exit();
    }

    /** Stops it in good order, with its data on disk, within a bounded time, and gives its folder free. Does nothing when it is stopped. */
    public final synchronized void stop() {
        if (process != null) {
            process.stop(stopSteps());
            process = null;
        }
        release();
    }

    /** The same as {@link #stop()}. */
    @Override
    public final void close() {
        stop();
    }

    /** Ends it at once by SIGKILL, its own child processes too, as a crash would. {@link #restart()} brings it back. */
    public final synchronized void kill() {
        running().kill();
    }

    /** Stops the processor time of all its processes (SIGSTOP): connections stay open and nothing answers. */
    public final synchronized void pause() {
        running().pause();
    }

    /** Undoes {@link #pause()} (SIGCONT). */
    public final synchronized void resume() {
        running().resume();
    }

    /** Starts it again on the same port and data, after stopping it if it runs. */
    public final synchronized void restart() {
        if (isRunning()) {
            stop();
        }
        begin();
    }

    /** Starts the server and waits until it serves. On failure nothing is left behind. */
    final synchronized void begin() {
        try {
            if (lock == null) {
                lock = FolderLock.take(folder, name + " folder");
            }
            endLeftovers();
            if (port != 0 && !LoopbackPort.isFree(port)) {
                throw LoopbackPort.busy(port, name);
            }
            prepare();
            process = launch();
        } catch (IOException e) {
            throw new StartupException("The embedded " + name + " can't start in " + folder + " (" + Folders.reason(e) + ").", e);
        } finally {
            if (!isRunning()) {
                release();
            }
        }
    }

    private ServerProcess launch() throws IOException {
        boolean anyPort = port == 0;
        for (int tries = 1;; tries++) {
            int candidate = anyPort ? LoopbackPort.free() : port;
            ServerProcess started = launchOn(candidate);
            if (started.isAlive()) {
                port = candidate;
                watch(started);
                return started;
            }
            // Redis says the one and then the other, and has been seen to end with the other alone.
            boolean taken = serverLog.says("Address already in use") || serverLog.says("Failed listening on port");
            if (taken && !anyPort) {
                throw LoopbackPort.busy(candidate, name);
            }
            boolean worthAnotherTry = taken || (mayPass(serverLog.lines()) && Interrupts.sleep(TRY_AGAIN_AFTER));
            if (!worthAnotherTry || tries == TRIES) {
                throw new StartupException("The embedded " + name + " ended while starting: " + failure(serverLog.lines())
                        + " (its log is " + serverLog.file() + ").");
            }
        }
    }

    /** Returns a server that serves, or one that has ended by itself. */
    private ServerProcess launchOn(int candidate) throws IOException {
        List<String> command = command(candidate);
        serverLog.beginStart();
        ServerProcess started = ServerProcess.start(command, Detached.NOWHERE, serverLog.file(), stopSteps().getFirst());
        boolean settled = false;
        try {
            awaitReady(started, candidate);
            settled = true;
            return started;
        } finally {
            if (!settled) {
                started.stop(stopSteps());
            }
        }
    }

    private void awaitReady(ServerProcess started, int candidate) {
        long begun = System.nanoTime();
        boolean told = false;
        while (started.isAlive()) {
            Sign sign = sign(candidate, started.pid());
            if (sign == Sign.READY) {
                return;
            }
            Duration waited = Duration.ofNanos(System.nanoTime() - begun);
            Duration limit = sign == Sign.RECOVERING ? RECOVERY_LIMIT : SILENCE_LIMIT;
            if (waited.compareTo(limit) > 0) {
                throw new StartupException("The embedded " + name + " does not answer on port " + candidate + " after " + waited.toSeconds()
                        + " s; its log is " + serverLog.file() + ".");
            }
            if (sign == Sign.RECOVERING && !told && waited.compareTo(WORTH_TELLING) > 0) {
                told = true;
                log.info("{} is reading its data back", name);
            }
            if (!Interrupts.pause()) {
                throw new StartupException("The start of the embedded " + name + " was interrupted.");
            }
        }
    }

    private void watch(ServerProcess started) {
        var _ = started.exit().thenAccept(code -> {
            if (!started.endedOnPurpose()) {
                log.error("the embedded {} (pid {}) has ended by itself with code {}; its log is {}", name, started.pid(), code,
                        serverLog.file());
            }
        });
    }

    private void release() {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    private ServerProcess running() {
        if (process == null) {
            throw new IllegalStateException("the embedded " + name + " is stopped");
        }
        return process;
    }
}
