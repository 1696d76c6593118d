package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.TestFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./millrace soak} as far as Maven, whose place something takes that says what it was told. */
class SoakCommandTest {
    private final Path home = TestFolders.fresh("script");
    private final Path script = home.resolve("millrace");
    private final Path programs = home.resolve("bin");

    @BeforeEach
    void copyTheScript() throws IOException {
        Files.createDirectories(programs);
        Files.copy(Path.of("..", "millrace"), script);
        Path maven = programs.resolve("mvn");
        Files.writeString(maven, "#!/bin/sh\necho \"mvn $*\"\n");
        assertThat(maven.toFile().setExecutable(true)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
            "\"\"|-Dsoak.suite=faults",
            "--minutes 90|-Dsoak.suite=faults -Dmillrace.minutes=90",
            "--suite mutants|-Dsoak.suite=mutants",
            "--suite storm|-Dsoak.suite=storm",
            "--suite blocked-lane --minutes 1|-Dsoak.suite=blocked-lane -Dmillrace.minutes=1",
            "--suite fuzz --requests 2000000 --seed 7|-Dsoak.suite=fuzz -Dmillrace.requests=2000000 -Dmillrace.seed=7",
            "--suite=topology --runs=3|-Dsoak.suite=topology -Dmillrace.runs=3",
            "--fault 3 --seed -17|-Dsoak.suite=faults -Dmillrace.fault=3 -Dmillrace.seed=-17",
            "--fault 1,2,13 --runs 2|-Dsoak.suite=faults -Dmillrace.fault=1,2,13 -Dmillrace.runs=2"})
    void runsTheSuiteInTheProfileOfThatName(String typed, String options) throws Exception {
        assertThat(run(typed)).isEqualTo(new Told(0, "mvn -B --no-transfer-progress -Psoak " + options + " verify\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
            "--suite all|there are the suites faults, mutants, topology, storm, blocked-lane and fuzz, not 'all'",
            "--minutes 0|--minutes is a number above 0, not '0'",
            "--minutes|--minutes needs a value",
            "--requests 0|--requests is a number above 0, not '0'",
            "--runs many|--runs is a number above 0, not 'many'",
            "--fault 1,|--fault is a number, or several with commas, not '1,'",
            "--seed 0x7|--seed is a number, not '0x7'",
            "--fast|unknown argument '--fast'",
            "clean|unknown argument 'clean'"})
    void whatIsNotUnderstoodIsAnsweredWithOneLine(String typed, String answer) throws Exception {
        assertThat(run(typed)).isEqualTo(new Told(2, "millrace: " + answer + "; see millrace soak --help\n"));
    }

    @Test
    void explainsItself() throws Exception {
        Told told = run("--suite mutants --help");
        assertThat(told.code()).isZero();
        assertThat(told.text()).startsWith("Usage: millrace soak ").contains("--suite", "--minutes", "--runs", "--fault", "--seed",
                "--requests");
    }

    private Told run(String typed) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", script.toString(), "soak"));
        if (!typed.isEmpty()) {
            command.addAll(List.of(typed.split(" ", -1)));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("PATH", programs + ":" + environment.get("PATH"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Told(process.waitFor(), text);
    }

    private record Told(int code, String text) {}
}
