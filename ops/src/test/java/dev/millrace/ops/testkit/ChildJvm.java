package dev.millrace.ops.testkit;

import dev.millrace.ops.embedded.Detached;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Another JVM with the class path of this one, in a session of its own, for tests that kill it. Its output is read line by line. */
public final class ChildJvm implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String END = "(end of output)";
    /**
     * Becomes the command with Ctrl-C as a terminal's programs have it. A build that was started in the background ignores it, and so would
     * all its children: a JVM leaves a signal alone that it finds ignored, and no shell can undo that.
     */
    private static final List<String> HEED_INTERRUPTS = List.of("perl", "-e", "$SIG{INT} = 'DEFAULT'; exec @ARGV or die");

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Thread reader;

    private ChildJvm(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::readAll);
    }

    /** Starts a main class. As the leader of a session its pid is also that of its process group. */
    public static ChildJvm start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(HEED_INTERRUPTS);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ChildJvm(new ProcessBuilder(Detached.command(command)).redirectErrorStream(true).start());
    }

    public Process process() {
        return process;
    }

    /** The rest of the first line that begins with a word; lines before it are passed over. */
    public String awaitLine(String word) throws InterruptedException {
        List<String> passed = new ArrayList<>();
        for (String line = lines.poll(LIMIT.toSeconds(), TimeUnit.SECONDS); line != null; line = lines.poll(LIMIT.toSeconds(),
                TimeUnit.SECONDS)) {
            if (line.startsWith(word + " ")) {
                return line.substring(word.length() + 1);
            }
            passed.add(line);
            if (line.equals(END)) {
                break;
            }
        }
        throw new AssertionError("the child never said " + word + ", only " + passed);
    }

    /** Sends a signal to it and everything else in its process group, as a terminal does. */
    public void signalGroup(String signal) throws IOException, InterruptedException {
        int code = new ProcessBuilder("sh", "-c", "kill -s " + signal + " -- -" + process.pid()).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException("kill answered " + code);
        }
    }

    /** Kills the JVM alone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private void readAll() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            in.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException closed) {
            lines.add(closed.toString());
        }
        lines.add(END);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
        reader.join();
    }
}
