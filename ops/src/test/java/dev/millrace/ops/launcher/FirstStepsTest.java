package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirstStepsTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"./data/millrace.env,. ./data/millrace.env", "millrace.env,. ./millrace.env",
            "-x/millrace.env,. ./-x/millrace.env", "/a b/millrace.env,. '/a b/millrace.env'",
            "/it's/millrace.env,. '/it'\\''s/millrace.env'"})
    void theFileIsReadByAnyShell(String file, String first) {
        assertThat(FirstSteps.commands(file)).startsWith(first + "\n");
    }

    @Test
    void theCommandsAreWellFormed() throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-n").redirectErrorStream(true).start();
        shell.getOutputStream().write(FirstSteps.commands("./data/millrace.env").getBytes(StandardCharsets.UTF_8));
        shell.getOutputStream().close();
        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
        assertThat(shell.waitFor()).isZero();
    }
}
