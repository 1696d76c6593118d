package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The database cluster on disk and the password of its owner, which are made together and live in one folder.
 *
 * @param folder holds {@code data}, Postgres's own folder, and {@code password} (mode 0600)
 */
record PostgresCluster(Path folder) {
    static final String USER = "millrace";
    static final String DATABASE = "millrace";

    private static final Duration CREATION_LIMIT = Duration.ofMinutes(2);
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
        Path parent = folder.toAbsolutePath().getParent();
        PostgresCluster fresh = new PostgresCluster(Files.createTempDirectory(parent, UNFINISHED,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        Folders.writePrivate(fresh.passwordFile(), Secrets.next() + "\n");
        List<String> arguments = new ArrayList<>(List.of("--pgdata=" + fresh.data(), "--username=" + USER,
                "--pwfile=" + fresh.passwordFile(), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                // Postgres's own C.UTF-8 sorts by bytes and knows upper and lower case, the same on every system.
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
        if (!durable) {
            arguments.add("--no-sync");
        }
        run(programs.command("initdb", arguments), "");
        run(programs.command("postgres", List.of("--single", "-D", fresh.data().toString(), "-c", "fsync=" + (durable ? "on" : "off"),
                "template1")), "create database " + DATABASE + "\n");
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

    /** A start that was killed half-way leaves a cluster that nobody ever used. */
    private void removeUnfinished() throws IOException {
        try (Stream<Path> siblings = Files.list(folder.toAbsolutePath().getParent())) {
            for (Path sibling : siblings.filter(path -> path.getFileName().toString().startsWith(UNFINISHED)).toList()) {
                Folders.deleteTree(sibling);
            }
        }
    }

    private void run(List<String> command, String input) throws IOException {
        Path output = folder.resolveSibling("create.log");
        Process process = new ProcessBuilder(Detached.command(command)).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        boolean ended;
        try {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            ended = Interrupts.waitFor(process, CREATION_LIMIT.toNanos());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        List<String> said = Files.readAllLines(output, StandardCharsets.UTF_8);
        boolean failed = !ended || process.exitValue() != 0 || said.stream().anyMatch(PostgresCluster::isFailure);
        if (failed) {
            String reason = said.stream().filter(PostgresCluster::isFailure).findFirst()
                    .orElse(said.isEmpty() ? "it said nothing" : said.getLast());
            throw new StartupException(
                    "The embedded Postgres can't make its database in " + folder + ": " + reason + " (see " + output + ").");
        }
    }

    /** The single-user server ends well even when a statement failed, so its words count too. */
    private static boolean isFailure(String line) {
        return line.contains("ERROR:") || line.contains("FATAL:") || line.contains("PANIC:") || line.startsWith("initdb: error:");
    }
}
