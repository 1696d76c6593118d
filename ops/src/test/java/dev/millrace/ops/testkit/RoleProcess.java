package dev.millrace.ops.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A role, or {@code up}, as a process of its own, as people run it: its own JVM, settings in the environment, signals. It never outlives the
 * tests' JVM, even if that is killed.
 */
public final class RoleProcess implements AutoCloseable {
    /** A role's start takes a second or two; most of the rest is for machines that are busy with the tests themselves. */
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration ENDED = Duration.ofSeconds(30);
    private static final Duration PROBE = Duration.ofSeconds(2);
    private static final Set<String> INHERITED = Set.of("PATH", "HOME", "USER", "TMPDIR", "LANG");
    /** Cheap starts, many processes. */
    private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");
    /** Kept after the tests, for whoever wants to know what went wrong; the next run makes room. */
    private static final Path LOGS = Path.of("target", "role-logs").toAbsolutePath();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(PROBE).build();

    private final String role;
    private final Process process;
    private final Leash leash;
    private final Path log;
    private final int port;
    private final int managementPort;

    private RoleProcess(String role, Process process, Leash leash, Path log, Map<String, String> environment) {
        this.role = role;
        this.process = process;
        this.leash = leash;
        this.log = log;
        this.port = Integer.parseInt(environment.get("PORT"));
        this.managementPort = Integer.parseInt(environment.get("MANAGEMENT_PORT"));
    }

    /** Starts a role and waits until it says that it is ready. */
    public static RoleProcess start(String role, Map<String, String> settings) {
        RoleProcess started = launch(role, settings);
        try {
            return started.awaitReady();
        } catch (RuntimeException | AssertionError e) {
            started.close();
            throw e;
        }
    }

    /**
     * Starts a role, and does not wait.
     *
     * @param settings its environment; nothing of Millrace's comes from the environment of the tests. PORT and MANAGEMENT_PORT are free ones
     *     where they are not given
     */
    public static RoleProcess launch(String role, Map<String, String> settings) {
        return launch(role, settings, List.of());
    }

    /**
     * The same with other code.
     *
     * @param before folders whose classes and resources go before those of the class path
     */
    public static RoleProcess launch(String role, Map<String, String> settings, List<Path> before) {
        Path log = freshLog(role);
        ProcessBuilder builder = new ProcessBuilder(command(role, before)).redirectErrorStream(true).redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(INHERITED);
        environment.putAll(settings);
        environment.computeIfAbsent("PORT", ignored -> Integer.toString(freePort()));
        environment.computeIfAbsent("MANAGEMENT_PORT", ignored -> Integer.toString(freePort()));
        try {
            Process process = builder.start();
            return new RoleProcess(role, process, Leash.on(process), log, environment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(String role, List<Path> before) {
        List<String> classPath = new ArrayList<>(before.stream().map(Path::toString).toList());
        classPath.add(System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), "dev.millrace.ops.launcher.Main", role));
        return command;
    }

    /** Waits until the management endpoint says that it can do its work. */
    public RoleProcess awaitReady() {
        try {
            Awaitility.await().atMost(READY).pollInterval(Duration.ofMillis(50)).until(() -> !process.isAlive() || isReady());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(this + " is not ready after " + READY + ":\n" + log(), e);
        }
        if (!process.isAlive()) {
            throw new AssertionError(this + " ended with " + process.exitValue() + " before it was ready:\n" + log());
        }
        return this;
    }

    public boolean isReady() {
        try {
            return get("/readyz").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** The address of its API, where it has one. */
    public URI api() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public int port() {
        return port;
    }

    /** What a path of its management endpoint answers. */
    public HttpResponse<String> get(String path) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path)).timeout(PROBE).build();
        try {
            return HTTP.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** The sum of a metric over all its tags, by its name on the metrics page. */
    public double metric(String name) throws IOException {
        return get("/metrics").body().lines().filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    /** What the objects take that live on its heap after a collection, which this brings about. */
    public long liveBytes() {
        String[] total = output(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid()),
                "GC.class_histogram").lines().filter(line -> line.startsWith("Total")).findFirst().orElseThrow().split(" +", -1);
        return Long.parseLong(total[2]);
    }

    /** What it has of the machine's memory. */
    public long residentBytes() {
        return 1_024 * Long.parseLong(output("ps", "-o", "rss=", "-p", Long.toString(pid())).strip());
    }

    private static String output(String... command) {
        try {
            Process process = new ProcessBuilder(command).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that it has written so far. */
    public String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks it to stop in order (SIGTERM), and does not wait. */
    public void terminate() {
        process.destroy();
    }

    /** Ends it at once (SIGKILL), as a crash does, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Stops it in its tracks (SIGSTOP): its connections stay open and it does not know that time passes. */
    public void pause() {
        signal("STOP");
    }

    /** Lets it run on (SIGCONT). */
    public void resume() {
        signal("CONT");
    }

    /**
     * Waits until it has ended.
     *
     * @return its exit code
     */
    public int awaitEnd() {
        try {
            return process.onExit().get(ENDED.toSeconds(), TimeUnit.SECONDS).exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + this, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(this + " does not end:\n" + log(), e);
        }
    }

    /** Ends it, however it is, without further ado. */
    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
        leash.close();
    }

    @Override
    public String toString() {
        return role + " (pid " + process.pid() + ", log " + log + ")";
    }

    private void signal(String name) {
        try {
            Process shell = new ProcessBuilder("sh", "-c", "kill -s \"$0\" \"$1\"", name, Long.toString(process.pid())).inheritIO().start();
            if (!shell.waitFor(ENDED.toSeconds(), TimeUnit.SECONDS) || shell.exitValue() != 0) {
                throw new AssertionError("SIG" + name + " could not be sent to " + this);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static Path freshLog(String role) {
        try {
            Files.createDirectories(LOGS);
            String mine = ProcessHandle.current().pid() + "-";
            if (COUNT.getAndIncrement() == 0) {
                try (var old = Files.list(LOGS)) {
                    for (Path file : old.toList()) {
                        Files.deleteIfExists(file);
                    }
                }
            }
            return LOGS.resolve(mine + COUNT.get() + "-" + role + ".log");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port on which nobody listens, outside the ranges of outgoing connections and of the embedded servers. */
    public static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(22_000, 30_000);
            try (ServerSocket probe = new ServerSocket()) {
                probe.setReuseAddress(true);
                probe.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
                return port;
            } catch (IOException taken) {
                // Another one, then.
            }
        }
    }

    /** A shell that kills a process when this JVM is gone: it reads a pipe that only this JVM holds open. */
    private record Leash(Process shell) implements AutoCloseable {
        static Leash on(Process process) throws IOException {
            return new Leash(new ProcessBuilder("sh", "-c", "trap '' HUP INT TERM; read -r word || kill -s KILL \"$0\"",
                    Long.toString(process.pid())).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        }

        @Override
        public void close() {
            try (var pipe = shell.getOutputStream()) {
                pipe.write("gone\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException endedAlready) {
                // Nobody is left to tell.
            }
        }
    }
}
