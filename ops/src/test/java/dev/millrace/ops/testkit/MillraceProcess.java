package dev.millrace.ops.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The {@code millrace} command as a process of its own, on the class path of this test and with no settings but those given. */
public final class MillraceProcess implements AutoCloseable {
    /** Far longer than a start takes, for machines that do much else. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final Path out;
    private final Path err;

    private MillraceProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts it; {@code PORT} and {@code MANAGEMENT_PORT} are any free ones unless given. */
    public static MillraceProcess start(Map<String, String> environment, String... arguments) {
        return startIn(Path.of("").toAbsolutePath(), environment, arguments);
    }

    /** The same in another working directory. */
    public static MillraceProcess startIn(Path directory, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", System.getProperty("java.class.path"), "dev.millrace.ops.launcher.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MILLRACE_") || name.endsWith("_URL") || name.endsWith("PORT"));
        builder.environment().put("PORT", "0");
        builder.environment().put("MANAGEMENT_PORT", "0");
        builder.environment().putAll(environment);
        Path folder = TestFolders.fresh("millrace");
        try {
            Files.createDirectories(folder);
            Path out = folder.resolve("out");
            Path err = folder.resolve("err");
            return new MillraceProcess(builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** What it has written to standard output so far. */
    public String out() {
        return read(out);
    }

    /** What it has written to standard error so far. */
    public String err() {
        return read(err);
    }

    /** Waits until standard output or standard error holds the text. */
    public void awaitText(String text) {
        Awaitility.await(text).atMost(PATIENCE).failFast("it ended: " + err, () -> !process.isAlive())
                .until(() -> (out() + err()).contains(text));
    }

    /** Waits for its end and returns the exit code. */
    public int exitCode() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("it does not end:\n" + err());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Asks it to stop, by SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Ends it at once, by SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        exitCode();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
