package dev.millrace.ops.embedded;

import dev.millrace.ops.embedded.ServerProcess.StopStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database cluster on disk and the password of its owner, which are made together and live in one folder.
 *
 * @param folder holds {@code data}, Postgres's own folder, and {@code password} (mode 0600)
 */
record PostgresCluster(Path folder) {
    static final String USER = "millrace";
    static final String DATABASE = "millrace";

    private static final Logger log = LoggerFactory.getLogger(PostgresCluster.class);
    private static final Duration CREATION_LIMIT = Duration.ofMinutes(2);
    private static final Duration DELETION_LIMIT = Duration.ofSeconds(10);
    private static final StopStep GIVE_UP = new StopStep(Signal.TERM, Duration.ofSeconds(5));
    private static final String UNFINISHED = ".creating-";

    Path data() {
        return folder.resolve("data");
    }

    String password() throws IOException {
        return Files.readString(passwordFile(), StandardCharsets.UTF_8).strip();
    }

    private Path passwordFile() {
        return folder.resolve("password");
    }

    /** Makes the cluster with the database {@code millrace}, unless it exists. It appears whole or not at all. */
    void createIfMissing(PostgresPrograms programs, boolean durable) throws IOException {
        removeUnfinished();
        if (Files.isDirectory(folder)) {
            return;
        }
        log.info("making the Postgres database in {}", folder);
        Path parent = folder.toAbsolutePath().getParent();
        PostgresCluster fresh = new PostgresCluster(Files.createTempDirectory(parent, UNFINISHED,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        Folders.writePrivate(fresh.passwordFile(), Secrets.next() + "\n");
        Path statements = Files.writeString(fresh.folder().resolve("create.sql"), "create database " + DATABASE + "\n");
        List<String> arguments = new ArrayList<>(List.of("-D", fresh.data().toString(), "--username=" + USER,
                "--pwfile=" + fresh.passwordFile(), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                // Postgres's own C.UTF-8 sorts by bytes and knows upper and lower case, the same on every system.
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
        if (!durable) {
            arguments.add("--no-sync");
        }
        fresh.run(programs.command("initdb", arguments), Detached.NOWHERE);
        fresh.run(programs.command("postgres", List.of("--single", "-D", fresh.data().toString(), "-c",
                "fsync=" + (durable ? "on" : "off"), "template1")), statements);
        Files.move(fresh.folder(), folder, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Refuses data of another major version, which Postgres itself would refuse in less helpful words. */
    void checkVersion(String major) throws IOException {
        String written = Files.readString(data().resolve("PG_VERSION"), StandardCharsets.US_ASCII).strip();
        if (!written.equals(major)) {
            throw new StartupException(
                    "The data in " + data() + " were written by Postgres " + written + ", and this Millrace brings Postgres "
                            + major + "; bring them over with pg_dump and pg_restore, or set MILLRACE_DATA to another folder.");
        }
    }

    /** A start that was killed half-way leaves a cluster that nobody ever used, and maybe the program that was making it. */
    private void removeUnfinished() throws IOException {
        List<Path> unfinished;
        try (Stream<Path> siblings = Files.list(folder.toAbsolutePath().getParent())) {
            unfinished = siblings.filter(path -> path.getFileName().toString().startsWith(UNFINISHED)).toList();
        }
        for (Path sibling : unfinished) {
            Path data = new PostgresCluster(sibling).data();
            Leftovers.end("initdb", data, Signal.TERM);
            Leftovers.end("postgres", data, Signal.TERM);
            // A helper of initdb goes a moment after it and may still add a file.
            if (!Interrupts.waitUntil(() -> isDeleted(sibling), DELETION_LIMIT)) {
                Folders.deleteTree(sibling);
            }
        }
    }

    private static boolean isDeleted(Path tree) {
        try {
            Folders.deleteTree(tree);
            return true;
        } catch (IOException stillInUse) {
            return false;
        }
    }

    private void run(List<String> command, Path input) throws IOException {
        Path output = folder.resolve("create.log");
        ServerProcess process = ServerProcess.start(command, input, output, GIVE_UP);
        boolean ended = process.waitFor(CREATION_LIMIT);
        process.stop(List.of(GIVE_UP));
        List<String> said = Files.readAllLines(output, StandardCharsets.UTF_8);
        if (!ended || process.exit().join() != 0 || said.stream().anyMatch(PostgresCluster::isFailure)) {
            String reason = said.stream().filter(PostgresCluster::isFailure).findFirst()
                    .orElse(said.isEmpty() ? "it said nothing" : said.getLast());
            throw new StartupException("The embedded Postgres can't make its database: " + reason + " (see " + output + ").");
        }
    }

    /** The single-user server ends well even when a statement failed, so its words count too. */
    private static boolean isFailure(String line) {
        return line.contains("ERROR:") || line.contains("FATAL:") || line.contains("PANIC:") || line.startsWith("initdb: error:");
    }
}
