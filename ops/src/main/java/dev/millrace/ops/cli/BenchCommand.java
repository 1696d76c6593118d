package dev.millrace.ops.cli;

import dev.millrace.ops.bench.BenchOptions;
import dev.millrace.ops.bench.Scenario;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The options of {@code millrace bench}. */
final class BenchCommand implements Callable<Integer> {
    static final String NAME = "bench";
    static final String DESCRIPTION = "Measures how fast it is on this machine, beside what Redis and Postgres do at best; on REDIS_URL and "
            + "DATABASE_URL, else on servers of its own.";

    private static final String SCENARIOS = Arrays.stream(Scenario.values()).map(Scenario::word).collect(Collectors.joining(", "));

    private final Launch launch;
    private final OptionSpec scenario = OptionSpec.builder("--scenario").paramLabel("NAME").type(List.class).auxiliaryTypes(String.class)
            .splitRegex(",").description("What to measure: " + SCENARIOS + ". All by default; several may be given.").build();
    private final OptionSpec events = number("--events", BenchOptions.DEFAULT_EVENTS, "Events a run sends.");
    private final OptionSpec players = number("--players", BenchOptions.DEFAULT_PLAYERS, "Players they are spread over.");
    private final OptionSpec runs = number("--runs", BenchOptions.DEFAULT_RUNS,
            "Runs that are counted, after one that is not; figures are medians.");
    private final OptionSpec json = OptionSpec.builder("--json").type(boolean.class).description("The report as JSON.").build();

    BenchCommand(Launch launch) {
        this.launch = launch;
    }

    void addOptions(CommandSpec command) {
        for (OptionSpec option : List.of(scenario, events, players, runs, json)) {
            command.addOption(option);
        }
    }

    @Override
    public Integer call() {
        BenchOptions options;
        try {
            options = new BenchOptions(scenarios(), number(events), number(players), number(runs), Boolean.TRUE.equals(json.getValue()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(scenario.command().commandLine(), String.valueOf(e.getMessage()));
        }
        return launch.bench(options);
    }

    private Set<Scenario> scenarios() {
        List<String> words = scenario.getValue();
        if (words == null || words.isEmpty()) {
            return EnumSet.allOf(Scenario.class);
        }
        return words.stream().map(word -> Scenario.of(word)
                .orElseThrow(() -> new IllegalArgumentException("unknown scenario '" + word + "'; there are " + SCENARIOS)))
                .collect(Collectors.toSet());
    }

    private static OptionSpec number(String name, int byDefault, String description) {
        return OptionSpec.builder(name).paramLabel("N").type(int.class).defaultValue(Integer.toString(byDefault))
                .showDefaultValue(Visibility.ALWAYS).description(description).build();
    }

    private static int number(OptionSpec option) {
        Integer value = option.getValue();
        return value;
    }
}
