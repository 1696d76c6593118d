package dev.millrace.ops.embedded;

import dev.millrace.ops.embedded.ServerProcess.StopStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A real Postgres 18 as a child process on 127.0.0.1, with the database {@code millrace} and its owner, the superuser {@code millrace}.
 *
 * <p>UTF-8, sorted by bytes. Passwords only (SCRAM), no Unix socket. Works for root on Linux too. There is no {@code psql} in it.
 */
public final class EmbeddedPostgres extends EmbeddedServer {
    private static final String MAJOR_VERSION = "18";
    /** Fast shutdown; immediate shutdown, from which the next start recovers. */
    private static final List<StopStep> STOP = List.of(new StopStep(Signal.INT, Duration.ofSeconds(15)),
            new StopStep(Signal.QUIT, Duration.ofSeconds(6)));
    private static final int STATUS_LINE = 7;

    private final PostgresOptions options;
    private final PostgresCluster cluster;

    private EmbeddedPostgres(PostgresOptions options) {
        super("Postgres", options.folder(), options.port());
        this.options = options;
        this.cluster = new PostgresCluster(folder().resolve("cluster"));
    }

    /**
     * Starts a Postgres and waits until it takes connections. The first start in a folder makes the database, which takes a second or two.
     *
     * @throws StartupException when the port is busy, the folder is in use or can't be written, or Postgres refuses to start
     */
    public static EmbeddedPostgres start(PostgresOptions options) {
        EmbeddedPostgres postgres = new EmbeddedPostgres(options);
        postgres.begin();
        return postgres;
    }

    /** The address of the database {@code millrace}: {@code postgres://user:password@127.0.0.1:port/millrace}. */
    public String url() {
        return "postgres://" + user() + ":" + password() + "@127.0.0.1:" + port() + "/" + PostgresCluster.DATABASE;
    }

    /** The same for JDBC, user and password in it. */
    public String jdbcUrl() {
        return jdbcUrl(PostgresCluster.DATABASE);
    }

    /** The JDBC address of another database of this server. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database + "?user=" + user() + "&password=" + password();
    }

    public String user() {
        return PostgresCluster.USER;
    }

    /** The owner's password: random, made with the database, of characters that need no escaping in URLs. */
    public String password() {
        try {
            return cluster.password();
        } catch (IOException e) {
            throw new UncheckedIOException("can't read the password of the embedded Postgres", e);
        }
    }

    @Override
    void endLeftovers() {
        Leftovers.end("postgres", cluster.data(), Signal.INT);
    }

    @Override
    void prepare() throws IOException {
        cluster.createIfMissing(new PostgresPrograms(options.binaries().postgresHome()), options.durable());
        cluster.checkVersion(MAJOR_VERSION);
        // No server of this folder lives any more. Postgres would believe a stale file whose pid some other process has got meanwhile.
        Files.deleteIfExists(pidFile());
    }

    @Override
    List<String> command(int port) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-D", cluster.data().toString()));
        settings(port).forEach((name, value) -> {
            arguments.add("-c");
            arguments.add(name + "=" + value);
        });
        return new PostgresPrograms(options.binaries().postgresHome()).command("postgres", arguments);
    }

    private Map<String, String> settings(int port) {
        String durable = options.durable() ? "on" : "off";
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("listen_addresses", "127.0.0.1");
        settings.put("port", Integer.toString(port));
        settings.put("unix_socket_directories", "");
        settings.put("fsync", durable);
        settings.put("synchronous_commit", "on");
        settings.put("full_page_writes", durable);
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        settings.put("log_checkpoints", "off");
        settings.put("logging_collector", "off");
        settings.putAll(options.settings());
        return settings;
    }

    /** Postgres notes its state in its pid file; {@code pg_ctl} waits for the same word. */
    @Override
    Sign sign(int port, long pid) {
        try {
            List<String> lines = Files.readAllLines(pidFile(), StandardCharsets.UTF_8);
            if (lines.size() <= STATUS_LINE || !lines.getFirst().strip().equals(Long.toString(pid))) {
                return Sign.SILENT;
            }
            return switch (lines.get(STATUS_LINE).strip()) {
                case "ready", "standby" -> Sign.READY;
                default -> Sign.RECOVERING;
            };
        } catch (IOException notYet) {
            return Sign.SILENT;
        }
    }

    @Override
    List<StopStep> stopSteps() {
        return STOP;
    }

    @Override
    boolean mayPass(List<String> lines) {
        // Back ends of a postmaster that somebody killed alone; they notice and go.
        return lines.stream().anyMatch(line -> line.contains("is still in use"));
    }

    @Override
    String failure(List<String> lines) {
        return lines.reversed().stream().filter(line -> line.contains("FATAL:") || line.contains("PANIC:")).findFirst()
                .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
    }

    private Path pidFile() {
        return cluster.data().resolve("postmaster.pid");
    }
}
