package dev.millrace.ops.cli;

import dev.millrace.ops.bench.BenchOptions;

/** What the commands start. Each method returns the exit code of the process: {@link Cli#OK} or {@link Cli#FAILED}. */
public interface Launch {
    /** Runs the whole system until it is told to stop. */
    int up();

    /** Runs one role until it is told to stop. */
    int role(Role role);

    /** Brings Postgres's tables up to date. */
    int migrate();

    /** Measures, and prints a report. */
    int bench(BenchOptions options);

    /** Tells a person why a command ended with an exception. */
    int failed(Exception failure);
}
