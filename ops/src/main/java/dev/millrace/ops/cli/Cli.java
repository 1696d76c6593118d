package dev.millrace.ops.cli;

import dev.millrace.ops.OneLine;
import dev.millrace.ops.Version;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code millrace} command. It is described by hand rather than by annotations, because reflection would double the time of {@code --help}. */
public final class Cli {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    private static final int HELP_WIDTH = 110;

    private final Launch launch;
    private final PrintWriter out;
    private final PrintWriter err;

    /** Prints in UTF-8. */
    public Cli(Launch launch, PrintStream out, PrintStream err) {
        this.launch = launch;
        this.out = new PrintWriter(out, true, StandardCharsets.UTF_8);
        this.err = new PrintWriter(err, true, StandardCharsets.UTF_8);
    }

    /** Runs the command and returns the exit code. A wrong command line is answered with one line. */
    public int run(String... args) {
        CommandLine line = new CommandLine(root());
        line.setOut(out);
        line.setErr(err);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        line.setUsageHelpWidth(HELP_WIDTH);
        line.setParameterExceptionHandler((wrong, given) -> usage(wrong));
        line.setExecutionExceptionHandler((failure, command, parsed) -> launch.failed(failure));
        int code = line.execute(args);
        out.flush();
        err.flush();
        return code;
    }

    private CommandSpec root() {
        CommandSpec root = CommandSpec.create().name("millrace").mixinStandardHelpOptions(true)
                .versionProvider(() -> new String[]{"millrace " + Version.current()});
        root.usageMessage().abbreviateSynopsis(true)
                .description("Events in over HTTP, each client in order, each event once; leaderboards in Redis, books in Postgres.%n")
                .commandListHeading("%nCommands:%n").optionListHeading("Options:%n")
                .footer("", "Settings are environment variables; 'millrace settings' lists them.",
                        "Exit codes: 0 done, 1 failed, 2 not understood.");
        add(root, "up",
                "Runs the whole system in one process, with a Redis and a Postgres of its own unless REDIS_URL and DATABASE_URL are set.",
                launch::up);
        for (Role role : Role.values()) {
            add(root, role.word(), role.description(), () -> launch.role(role));
        }
        add(root, "migrate", "Brings the tables in Postgres up to date and exits.", launch::migrate);
        BenchCommand bench = new BenchCommand(launch);
        bench.addOptions(add(root, BenchCommand.NAME, BenchCommand.DESCRIPTION, bench));
        add(root, "test", "Builds and runs all tests, where the sources are (mvn verify; what follows is passed on to Maven).",
                () -> whereTheSourcesAre("tests run", "test"));
        add(root, "soak", "Runs the long tests, where the sources are: faults under load, broken engines, topologies.",
                () -> whereTheSourcesAre("long tests run", "soak"));
        addTable(root, "settings", "Lists every setting.", ReferenceTable.settings());
        addTable(root, "metrics", "Lists every metric.", ReferenceTable.metrics());
        return root;
    }

    private static CommandSpec add(CommandSpec root, String name, String description, Callable<Integer> action) {
        CommandSpec command = CommandSpec.wrapWithoutInspection(action).mixinStandardHelpOptions(true);
        command.usageMessage().description(description);
        root.addSubcommand(name, command);
        return command;
    }

    private void addTable(CommandSpec root, String name, String description, ReferenceTable table) {
        OptionSpec markdown = OptionSpec.builder("--markdown").type(boolean.class).description("As a table in Markdown.").build();
        add(root, name, description, () -> {
            out.print(Boolean.TRUE.equals(markdown.getValue()) ? table.markdown() : table.text());
            return OK;
        }).addOption(markdown);
    }

    private int whereTheSourcesAre(String what, String command) {
        err.println("millrace: " + what + " where the sources are, with ./millrace " + command);
        return USAGE;
    }

    private int usage(ParameterException wrong) {
        String what = wrong instanceof UnmatchedArgumentException unmatched
                ? "unknown argument '" + unmatched.getUnmatched().getFirst() + "'"
                : String.valueOf(wrong.getMessage());
        err.println("millrace: " + OneLine.of(what) + "; see " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return USAGE;
    }
}
