package dev.millrace.ops.embedded;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Commands that run in a session of their own, so that signals to the terminal's foreground group (Ctrl-C, hang-up) pass them by.
 *
 * <p>Java can't start a session itself. {@code setsid} does it on Linux; macOS has none, but has Perl. Both replace themselves by the wrapped
 * command, so the pid that Java sees is the command's own. Ignoring SIGINT in a shell would not do: Redis and Postgres install their own
 * handlers.
 */
public final class Detached {
    static final Path NOWHERE = Path.of("/dev/null");

    private static final String PERL = "use POSIX; POSIX::setsid() >= 0 or die \"setsid: $!\"; exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\"";

    private Detached() {}

    /**
     * Wraps a command into its own session. The process that it is started as leads the session, so its pid is the process group's too.
     *
     * @throws StartupException when neither setsid nor perl is on the PATH
     */
    public static List<String> command(List<String> command) {
        List<String> wrapped = new ArrayList<>(wrapper());
        wrapped.addAll(command);
        return wrapped;
    }

    private static List<String> wrapper() {
        return program("setsid").map(setsid -> List.of(setsid.toString()))
                .or(() -> program("perl").map(perl -> List.of(perl.toString(), "-e", PERL)))
                .orElseThrow(() -> new StartupException(
                        "The embedded Redis and Postgres need the program setsid (package util-linux) or perl on the PATH; install one of them."));
    }

    /** The first executable of that name on the PATH. */
    static Optional<Path> program(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, name).toAbsolutePath();
            if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
