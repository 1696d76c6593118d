package dev.millrace.ops.launcher;

import dev.millrace.ops.bench.Bench;
import dev.millrace.ops.bench.BenchOptions;
import dev.millrace.ops.cli.Cli;
import dev.millrace.ops.cli.Launch;
import dev.millrace.ops.cli.Role;
import dev.millrace.ops.launcher.logging.Logging;
import dev.millrace.persister.store.Migrations;
import dev.millrace.schema.service.Service;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts what the command line asks for, as the environment sets it up. */
final class Launcher implements Launch {
    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    Launcher(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    @Override
    public int up() {
        Settings settings = settings();
        StopSignal stop = StopSignal.listen();
        new Up(settings, stop, out).run();
        return outcome(stop);
    }

    @Override
    public int role(Role role) {
        Settings settings = settings();
        Wiring.requireSettings(role, settings);
        if (role == Role.INGEST_API) {
            Ports.requireFree(settings, Setting.PORT, Setting.MANAGEMENT_PORT);
        } else {
            Ports.requireFree(settings, Setting.MANAGEMENT_PORT);
        }
        StopSignal stop = StopSignal.listen();
        Logger log = LoggerFactory.getLogger(Launcher.class);
        try (ServiceHost host = new ServiceHost(settings, stop); Wiring wiring = new Wiring(settings, host.meters())) {
            Service service = wiring.service(role);
            host.run(List.of(service), () -> log.info("{} {} after {} ms; management on port {}", role.word(),
                    service.health().ready() ? "is ready" : "has started, and /health says what it waits for,", host.age().toMillis(),
                    host.managementPort()));
        }
        return outcome(stop);
    }

    @Override
    public int migrate() {
        int applied = new Migrations(settings().database()).run();
        out.println(applied == 0 ? "The tables are up to date." : applied == 1 ? "1 migration applied." : applied + " migrations applied.");
        return Cli.OK;
    }

    @Override
    public int bench(BenchOptions options) {
        return Bench.run(options, settings(), environment.getOrDefault("PATH", ""), out, err);
    }

    @Override
    public int failed(Exception failure) {
        tell(FailureLine.of(failure));
        if ("debug".equals(environment.get(Setting.LOG_LEVEL.variable()))) {
            failure.printStackTrace(err);
        }
        return Cli.FAILED;
    }

    private Settings settings() {
        Settings settings = Settings.read(environment);
        Logging.configure(settings.logFormat(), settings.logLevel());
        return settings;
    }

    private int outcome(StopSignal stop) {
        stop.failure().ifPresent(this::tell);
        return stop.failure().isPresent() ? Cli.FAILED : Cli.OK;
    }

    private void tell(String line) {
        err.println("millrace: " + line);
    }
}
