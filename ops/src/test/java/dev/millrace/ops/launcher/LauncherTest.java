package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.cli.Cli;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person is told who asked for something that can't be. */
class LauncherTest {
    private static final String LONG_ENOUGH = "0123456789abcdef01234567";

    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(strings = {"up", "ingest-api", "processor", "persister", "migrate"})
    void anUnknownSettingStopsEveryCommand(String command) {
        environment.put("MILLRACE_PARTITION", "64");
        assertThat(run(command)).isEqualTo(Cli.FAILED);
        assertThat(told()).isEqualTo("millrace: unknown setting MILLRACE_PARTITION; see the table of settings in README.md");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingest-api", "processor", "persister"})
    void everyRoleNeedsRedis(String role) {
        assertThat(run(role)).isEqualTo(Cli.FAILED);
        assertThat(told()).startsWith("millrace: REDIS_URL is not set; ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"persister", "migrate"})
    void whoWritesTheBooksNeedsPostgres(String command) {
        environment.put("REDIS_URL", "redis://127.0.0.1");
        assertThat(run(command)).isEqualTo(Cli.FAILED);
        assertThat(told()).startsWith("millrace: DATABASE_URL is not set; ");
    }

    @Test
    void theDoorNeedsItsKeys() {
        environment.put("REDIS_URL", "redis://127.0.0.1");
        assertThat(run("ingest-api")).isEqualTo(Cli.FAILED);
        assertThat(told()).startsWith("millrace: MILLRACE_ADMIN_KEY is not set; ");
    }

    @Test
    void aWrongValueIsNamedAndASecretIsNotShown() {
        environment.put("REDIS_URL", "redis://127.0.0.1");
        environment.put("MILLRACE_ADMIN_KEY", LONG_ENOUGH);
        environment.put("MILLRACE_KEY_PEPPER", "too-short");
        assertThat(run("ingest-api")).isEqualTo(Cli.FAILED);
        assertThat(told()).isEqualTo("millrace: MILLRACE_KEY_PEPPER must have at least 24 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"up", "ingest-api"})
    void aBusyPortIsToldByItsSettingBeforeAnythingStarts(String command) throws IOException {
        environment.put("REDIS_URL", "redis://127.0.0.1:1");
        environment.put("DATABASE_URL", "postgres://127.0.0.1:1/millrace");
        environment.put("MILLRACE_ADMIN_KEY", LONG_ENOUGH);
        environment.put("MILLRACE_KEY_PEPPER", LONG_ENOUGH);
        try (ServerSocket taken = new ServerSocket(0)) {
            environment.put("PORT", Integer.toString(taken.getLocalPort()));
            assertThat(run(command)).isEqualTo(Cli.FAILED);
            assertThat(told()).isEqualTo(
                    "millrace: PORT " + taken.getLocalPort()
                            + " is taken by another program; stop that program or set PORT to another port");
        }
    }

    @Test
    void debugShowsWhereItFailed() {
        environment.put("MILLRACE_LOG_LEVEL", "debug");
        assertThat(run("processor")).isEqualTo(Cli.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("millrace: REDIS_URL is not set; ")
                .contains("SettingsException", "\tat dev.millrace.schema.settings.Settings");
    }

    private int run(String... arguments) {
        PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Cli(new Launcher(environment, outStream, errStream), outStream, errStream).run(arguments);
    }

    /** The one line on standard error, while standard output has none. */
    private String told() {
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
        return err.toString(StandardCharsets.UTF_8).strip();
    }
}
