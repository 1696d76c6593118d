package dev.millrace.ops.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The programs of Postgres, started so that they work for root too.
 *
 * <p>Postgres refuses to run as root. In a user namespace of its own (Linux, {@code unshare -U}) it sees itself as an ordinary user, while
 * its files keep belonging to root.
 */
final class PostgresPrograms {
    private static final long PROBE_LIMIT_SECONDS = 10;

    private final Path home;
    private final List<String> wrapper;

    PostgresPrograms(Path home) throws IOException {
        this.home = home;
        this.wrapper = isRoot() ? unprivileged() : List.of();
    }

    /** The command line of a program, which replaces the wrapper and so keeps the pid. */
    List<String> command(String program, List<String> arguments) {
        List<String> command = new ArrayList<>(wrapper);
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(arguments);
        return command;
    }

    private static boolean isRoot() throws IOException {
        Path self = Path.of("/proc/self");
        if (Files.exists(self)) {
            return Files.getAttribute(self, "unix:uid", LinkOption.NOFOLLOW_LINKS) instanceof Integer uid && uid == 0;
        }
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> unprivileged() throws IOException {
        List<String> wrapper = List.of("unshare", "--user");
        if (Detached.program("unshare").isPresent()) {
            List<String> probe = new ArrayList<>(wrapper);
            probe.add("true");
            Process process = new ProcessBuilder(probe).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (Interrupts.waitFor(process, TimeUnit.SECONDS.toNanos(PROBE_LIMIT_SECONDS)) && process.exitValue() == 0) {
                return wrapper;
            }
            process.destroyForcibly();
        }
        throw new StartupException(
                "The embedded Postgres does not run as root where user namespaces are not allowed (unshare --user fails);"
                        + " run Millrace as another user, or set DATABASE_URL to a server of your own.");
    }
}
