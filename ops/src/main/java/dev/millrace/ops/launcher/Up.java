package dev.millrace.ops.launcher;

import dev.millrace.ingest.IngestApi;
import dev.millrace.ops.cli.Role;
import dev.millrace.ops.embedded.AppendFsync;
import dev.millrace.ops.embedded.DataFolder;
import dev.millrace.ops.embedded.EnvFile;
import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The whole system in one process: its stores, every role, and the keys that were made for it, which stay in its data folder. */
final class Up {
    /** Names those of the addresses in {@code millrace.env} that belong to servers which {@code up} starts itself. */
    private static final String OWN_STORES = "STARTED_BY_UP";

    private final Settings given;
    private final StopSignal stop;
    private final PrintStream out;

    /** @param given as the environment has them; what is missing is made here */
    Up(Settings given, StopSignal stop, PrintStream out) {
        this.given = given;
        this.stop = stop;
        this.out = out;
    }

    /** Runs until the signal to stop. */
    void run() {
        Ports.requireFree(given, Setting.PORT, Setting.MANAGEMENT_PORT);
        try (DataFolder folder = DataFolder.open(given.data());
                ServiceHost host = new ServiceHost(given, stop);
                Stores stores = Stores.start(folder, ownStores(folder.env()), appendFsync(), stop)) {
            Settings settings = given.with(made(folder, stores));
            try (Wiring wiring = new Wiring(settings, host.meters())) {
                IngestApi api = wiring.ingestApi();
                host.run(List.of(api, wiring.service(Role.PROCESSOR), wiring.service(Role.PERSISTER)), () -> {
                    Map<String, String> lines = lines(settings, api.port(), host.managementPort());
                    keep(lines, folder.env(), stores);
                    announce(lines, host);
                });
            }
        }
    }

    /**
     * The stores to start: those without an address, and those whose address an earlier {@code up} wrote into {@code millrace.env} for a
     * server of its own; whoever has read that file into the environment does not mean to name another server.
     */
    private Set<Setting> ownStores(EnvFile env) {
        List<String> earlier = Arrays.asList(env.get(OWN_STORES).orElse("").split(",", -1));
        Set<Setting> own = EnumSet.noneOf(Setting.class);
        for (Setting url : List.of(Setting.REDIS_URL, Setting.DATABASE_URL)) {
            boolean fromFile = earlier.contains(url.variable()) && given.value(url).equals(env.get(url.variable()));
            if (given.value(url).isEmpty() || fromFile) {
                own.add(url);
            }
        }
        return own;
    }

    private AppendFsync appendFsync() {
        return AppendFsync.valueOf(given.appendFsync().toUpperCase(Locale.ROOT));
    }

    /** What the environment does not give: the addresses of the stores, and secrets, made once and kept. */
    private Map<Setting, String> made(DataFolder folder, Stores stores) {
        Map<Setting, String> made = new EnumMap<>(stores.urls());
        if (given.value(Setting.ADMIN_KEY).isEmpty()) {
            made.put(Setting.ADMIN_KEY, folder.secret(Setting.ADMIN_KEY.variable(), "millrace_admin_"));
        }
        if (given.value(Setting.KEY_PEPPER).isEmpty()) {
            made.put(Setting.KEY_PEPPER, folder.secret(Setting.KEY_PEPPER.variable(), ""));
        }
        if (given.value(Setting.JWT_SECRET).isEmpty()) {
            made.put(Setting.JWT_SECRET, folder.secret(Setting.JWT_SECRET.variable(), ""));
        }
        return made;
    }

    private static Map<String, String> lines(Settings settings, int port, int managementPort) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("API_URL", "http://127.0.0.1:" + port);
        lines.put("MANAGEMENT_URL", "http://127.0.0.1:" + managementPort);
        for (Setting setting : List.of(Setting.REDIS_URL, Setting.DATABASE_URL, Setting.ADMIN_KEY)) {
            lines.put(setting.variable(), settings.value(setting).orElseThrow());
        }
        return lines;
    }

    private static void keep(Map<String, String> lines, EnvFile env, Stores stores) {
        Map<String, String> kept = new LinkedHashMap<>(lines);
        kept.put(OWN_STORES, stores.urls().keySet().stream().map(Setting::variable).sorted().collect(Collectors.joining(",")));
        env.putAll(kept);
    }

    private void announce(Map<String, String> lines, ServiceHost host) {
        lines.forEach((name, value) -> out.println(EnvFile.line(name, value)));
        out.println();
        out.printf(Locale.ROOT, "Ready after %.1f s. The lines above are in %s. Try it:%n%n", host.age().toMillis() / 1000.0, envFile());
        out.println(FirstSteps.commands(envFile()).indent(2));
        out.flush();
    }

    private String envFile() {
        return given.data().resolve("millrace.env").toString();
    }
}
