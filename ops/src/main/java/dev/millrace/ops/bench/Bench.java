package dev.millrace.ops.bench;

import dev.millrace.schema.settings.Setting;
import dev.millrace.schema.settings.Settings;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures scenario after scenario: one run that warms the JVM up and is not counted, then as many as are asked for, each with the ceiling of
 * the same minute on the same machine, because machines and their moods differ by more than any change to the code.
 */
public final class Bench {
    private static final int OK = 0;
    private static final int FAILED = 1;

    private final BenchOptions options;
    private final Ground ground;
    private final PrintStream remarks;
    private final String name = "bench-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());
    private int runs;

    private Bench(BenchOptions options, Ground ground, PrintStream remarks) {
        this.options = options;
        this.ground = ground;
        this.remarks = remarks;
    }

    /**
     * Measures, and prints a report.
     *
     * @param searchPath the environment's {@code PATH}, for a {@code redis-server}
     * @param out the report
     * @param err how it goes
     * @return the exit code: 0, or 1 if an event was lost, doubled or changed
     */
    public static int run(BenchOptions options, Settings settings, String searchPath, PrintStream out, PrintStream err) {
        try (Interruption _ = Interruption.ofThisThread();
                Ground ground = Ground.open(settings, searchPath)) {
            Report report = new Bench(options, ground, err).measure();
            out.print(options.json() ? report.json() : report.table());
            out.flush();
            return OK;
        } catch (MismatchException e) {
            err.println("millrace: the benchmark failed: " + e.getMessage());
            err.flush();
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private Report measure() throws InterruptedException {
        List<Figure> medians = new ArrayList<>();
        for (Scenario scenario : Scenario.values()) {
            if (options.scenarios().contains(scenario)) {
                medians.addAll(measure(scenario));
            }
        }
        return new Report(facts(), medians);
    }

    private List<Figure> measure(Scenario scenario) throws InterruptedException {
        Trial trial = switch (scenario) {
            case APPEND_SINGLE -> new AppendSingle(options.players());
            case APPEND_BULK -> new AppendBulk(options.players());
            case DRAIN -> new Drain(options.players());
            case LANES -> new Lanes();
            case END_TO_END -> new EndToEnd(options.players(), ground::databaseUrl);
        };
        remark(scenario, "warming up");
        once(trial, options.warmUpEvents());
        List<List<Figure>> byRun = new ArrayList<>();
        for (int run = 1; run <= options.runs(); run++) {
            remark(scenario, "run " + run + " of " + options.runs());
            byRun.add(once(trial, options.events()));
        }
        List<Figure> medians = new ArrayList<>();
        for (int i = 0; i < byRun.getFirst().size(); i++) {
            int figure = i;
            medians.add(Figure.median(byRun.stream().map(run -> run.get(figure)).toList()));
        }
        return medians;
    }

    private List<Figure> once(Trial trial, int events) throws InterruptedException {
        runs++;
        try (Workspace workspace = Workspace.open(ground.settings(), ground.redis(), name + '-' + runs, events)) {
            return trial.run(workspace, events);
        }
    }

    private void remark(Scenario scenario, String what) {
        remarks.println(scenario.word() + ": " + what);
        remarks.flush();
    }

    private Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        facts.put("machine", Runtime.getRuntime().availableProcessors() + " cores, " + System.getProperty("os.name") + " on "
                + System.getProperty("os.arch") + "; servers, load and pipeline share it unless their addresses say otherwise");
        facts.put("JDK", System.getProperty("java.vm.vendor") + ' ' + Runtime.version());
        facts.put("Redis", ground.redisWords());
        if (options.scenarios().contains(Scenario.END_TO_END)) {
            facts.put("Postgres", ground.postgresWords());
        }
        facts.put("pipeline", ground.settings().partitions().count() + " partitions, batches of at most "
                + ground.settings().value(Setting.BATCH_MAX).orElseThrow());
        facts.put("load", options.events() + " events over " + options.players() + " players a run, median of " + options.runs());
        return facts;
    }
}
