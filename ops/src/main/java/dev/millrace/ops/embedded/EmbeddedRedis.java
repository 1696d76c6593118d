package dev.millrace.ops.embedded;

import dev.millrace.ops.embedded.RedisWire.RefusedException;
import dev.millrace.ops.embedded.ServerProcess.StopStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis 7.0.15 as a child process on 127.0.0.1, its data in an append-only file that survives restarts, {@code noeviction}.
 *
 * <p>It is a static build with about half the throughput of a distribution's Redis, which {@link RedisOptions#withProgram} runs instead.
 */
public final class EmbeddedRedis extends EmbeddedServer {
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(1);
    private static final List<StopStep> STOP = List.of(new StopStep(Signal.TERM, Duration.ofSeconds(10)));

    private final RedisOptions options;

    private EmbeddedRedis(RedisOptions options) {
        super("Redis", options.folder(), options.port());
        this.options = options;
    }

    /**
     * Starts a Redis and waits until it answers.
     *
     * @throws StartupException when the port is busy, the folder is in use or can't be written, or Redis refuses to start
     */
    public static EmbeddedRedis start(RedisOptions options) {
        EmbeddedRedis redis = new EmbeddedRedis(options);
        redis.begin();
        return redis;
    }

    /** The address for clients: {@code redis://:password@127.0.0.1:port}. */
    public String uri() {
        String password = options.password();
        return "redis://" + (password == null ? "" : ":" + URLEncoder.encode(password, StandardCharsets.UTF_8) + "@") + "127.0.0.1:"
                + port();
    }

    public @Nullable String password() {
        return options.password();
    }

    /**
     * Runs one command on a connection of its own, for probes and tests.
     *
     * @return the text of a simple, bulk or integer answer; null for a null answer; an array as its items, each on a line
     * @throws UncheckedIOException when Redis does not answer within 10 s or answers with an error, whose text is the message's end
     */
    public @Nullable String command(String... words) {
        return RedisWire.command(port(), options.password(), words);
    }

    @Override
    void endLeftovers() {
        Leftovers.end("redis-server", configFile(), Signal.TERM);
    }

    @Override
    void prepare() {
        options.binaries().redisServer();
    }

    @Override
    List<String> command(int port) throws IOException {
        if (!options.sentinel() || !Files.exists(configFile())) {
            Folders.writePrivate(configFile(), String.join("\n", config(port)) + "\n");
        }
        Path program = options.program() == null ? options.binaries().redisServer() : options.program();
        List<String> command = new ArrayList<>(List.of(program.toString(), configFile().toString()));
        if (options.sentinel()) {
            command.add("--sentinel");
        }
        return command;
    }

    private List<String> config(int port) {
        List<String> lines = new ArrayList<>(List.of(
                "# Written at every start; changes made here are lost.",
                "bind 127.0.0.1",
                "port " + port,
                "daemonize no",
                "dir " + quoted(folder().toString()),
                "logfile " + quoted(logFile().toString()),
                // The arguments stay visible in the process list: by them a later start knows a leftover Redis of this folder.
                "set-proc-title no"));
        if (!options.sentinel()) {
            lines.addAll(List.of("appendonly yes",
                    "appendfsync " + options.appendFsync().directive(),
                    "save \"\"",
                    "maxmemory-policy noeviction"));
        }
        String password = options.password();
        if (password != null) {
            lines.add("requirepass " + quoted(password));
        }
        lines.addAll(options.extraConfig());
        return lines;
    }

    /** A word in Redis's configuration syntax, whatever characters it has. */
    private static String quoted(String word) {
        return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    @Override
    Sign sign(int port, long pid) {
        try (RedisWire wire = RedisWire.open(port, options.password(), PROBE_LIMIT)) {
            return Objects.equals(wire.ask("PING"), "PONG") ? Sign.READY : Sign.SILENT;
        } catch (RefusedException answer) {
            return String.valueOf(answer.getMessage()).startsWith("LOADING") ? Sign.RECOVERING : Sign.SILENT;
        } catch (IOException notYet) {
            return Sign.SILENT;
        }
    }

    @Override
    List<StopStep> stopSteps() {
        return STOP;
    }

    @Override
    String failure(List<String> lines) {
        if (lines.stream().anyMatch(line -> line.contains("FATAL CONFIG FILE ERROR"))) {
            return String.join(" ", lines);
        }
        return lines.reversed().stream().filter(line -> line.contains(" # ") && !line.contains("WARNING")).findFirst()
                .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
    }

    private Path configFile() {
        return folder().resolve("redis.conf");
    }
}
