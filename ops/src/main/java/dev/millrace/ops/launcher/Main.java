package dev.millrace.ops.launcher;

import dev.millrace.ops.cli.Cli;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Where the {@code millrace} command begins. */
public final class Main {
    private Main() {}

    /** Runs the command, and ends the process with its exit code whatever threads are left. */
    public static void main(String[] args) {
        // UTF-8 whatever the locale says: the settings' descriptions and players' names are.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = Cli.FAILED;
        try {
            code = new Cli(new Launcher(System.getenv(), out, err), out, err).run(args);
        } catch (Error e) {
            err.println("millrace: " + FailureLine.of(e));
            e.printStackTrace(err);
        } finally {
            System.exit(code);
        }
    }
}
