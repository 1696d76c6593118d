package dev.millrace.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.Version;
import dev.millrace.ops.bench.BenchOptions;
import dev.millrace.ops.bench.Scenario;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CliTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final RecordedLaunch launch = new RecordedLaunch();
    private final Cli cli = new Cli(launch, new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));

    @Test
    void upStartsTheWholeSystem() {
        assertThat(cli.run("up")).isEqualTo(Cli.OK);
        assertThat(launch.started).containsExactly("up");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void aRoleIsStartedByItsWord(Role role) {
        assertThat(cli.run(role.word())).isEqualTo(Cli.OK);
        assertThat(launch.started).containsExactly(role.word());
    }

    @Test
    void aCommandsExitCodeIsTheProcesss() {
        launch.code = Cli.FAILED;
        assertThat(cli.run("migrate")).isEqualTo(Cli.FAILED);
        assertThat(launch.started).containsExactly("migrate");
    }

    @Test
    void anExceptionOfACommandIsToldByTheLauncher() {
        launch.failure = new IllegalStateException("no luck");
        assertThat(cli.run("up")).isEqualTo(Cli.FAILED);
        assertThat(launch.told).containsExactly(launch.failure);
    }

    @Test
    void benchMeasuresEverythingAtItsUsualSizeUnlessToldOtherwise() {
        assertThat(cli.run("bench")).isEqualTo(Cli.OK);
        assertThat(cli.run("bench", "--scenario", "drain,append-bulk", "--events=1000", "--players=10", "--runs", "1", "--json"))
                .isEqualTo(Cli.OK);
        assertThat(launch.measured).containsExactly(BenchOptions.usual(),
                new BenchOptions(Set.of(Scenario.DRAIN, Scenario.APPEND_BULK), 1_000, 10, 1, true));
    }

    @Test
    void helpNamesEveryCommandInTheOrderOfUse() {
        assertThat(cli.run("--help")).isEqualTo(Cli.OK);
        assertThat(out.toString(StandardCharsets.UTF_8).lines().map(String::strip).map(line -> line.split(" ", 2)[0])).containsSubsequence(
                "Commands:", "up",
                "ingest-api",
                "processor", "persister", "migrate", "bench", "test", "soak", "settings", "metrics");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(launch.started).isEmpty();
    }

    @Test
    void everyCommandExplainsItself() {
        assertThat(cli.run("processor", "--help")).isEqualTo(Cli.OK);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("millrace processor", Role.PROCESSOR.description());
        assertThat(launch.started).isEmpty();
    }

    @Test
    void versionIsTheBuilds() {
        assertThat(cli.run("--version")).isEqualTo(Cli.OK);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("millrace " + Version.current() + System.lineSeparator());
        assertThat(Version.current()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
            "upp|millrace: unknown argument 'upp'; see millrace --help",
            "up --fast|millrace: unknown argument '--fast'; see millrace up --help",
            "up twice|millrace: unknown argument 'twice'; see millrace up --help",
            "bench --scenario=dance|millrace: unknown scenario 'dance'; there are append-single, append-bulk, drain, lanes, end-to-end; see millrace bench --help",
            "bench --runs=0|millrace: --events, --players and --runs must be above 0, and --events at most 2000000; see millrace bench --help",
            "\"\"|millrace: Missing required subcommand; see millrace --help"})
    void aWrongCommandLineIsAnsweredWithOneLineAndCode2(String typed, String answer) {
        assertThat(cli.run(typed.isEmpty() ? new String[0] : typed.split(" ", -1))).isEqualTo(Cli.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo(answer + System.lineSeparator());
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(launch.started).isEmpty();
    }

    @Test
    void testsArePointedToTheScript() {
        assertThat(cli.run("test")).isEqualTo(Cli.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("millrace: tests run where the sources are, with ./millrace test" + System.lineSeparator());
    }

    @Test
    void longTestsArePointedToTheScriptToo() {
        assertThat(cli.run("soak")).isEqualTo(Cli.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("millrace: long tests run where the sources are, with ./millrace soak" + System.lineSeparator());
    }

    @Test
    void settingsAndMetricsPrintTheirTables() {
        assertThat(cli.run("settings", "--markdown")).isEqualTo(Cli.OK);
        assertThat(cli.run("metrics", "--markdown")).isEqualTo(Cli.OK);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(ReferenceTable.settings().markdown() + ReferenceTable.metrics().markdown());
    }

    @Test
    void settingsForATerminalHaveNoMarkdown() {
        assertThat(cli.run("settings")).isEqualTo(Cli.OK);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("MANAGEMENT_PORT\n    default: 9090\n    port of /livez, /readyz, /health and /metrics of every role\n");
    }

    private static final class RecordedLaunch implements Launch {
        final List<String> started = new ArrayList<>();
        final List<BenchOptions> measured = new ArrayList<>();
        final List<Exception> told = new ArrayList<>();
        int code = Cli.OK;
        RuntimeException failure;

        @Override
        public int up() {
            return start("up");
        }

        @Override
        public int role(Role role) {
            return start(role.word());
        }

        @Override
        public int migrate() {
            return start("migrate");
        }

        @Override
        public int bench(BenchOptions options) {
            measured.add(options);
            return start("bench");
        }

        @Override
        public int failed(Exception told) {
            this.told.add(told);
            return Cli.FAILED;
        }

        private int start(String word) {
            started.add(word);
            if (failure != null) {
                throw failure;
            }
            return code;
        }
    }
}
