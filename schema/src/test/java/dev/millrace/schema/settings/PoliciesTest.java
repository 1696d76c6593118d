package dev.millrace.schema.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.settings.Policy.AfterDead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PoliciesTest {
    @TempDir
    Path folder;

    @Test
    void whatIsSaidCountsAndTheRestIsAsTheHandlerHasIt() throws IOException {
        Policies policies = read("""
                "job.email" { tries = 5, deadline = 10s, backoff = 250ms, backoff-max = 1m, concurrency = 8, crashes = 2,
                              after-dead = block, fatal = ["java.io.IOException"] }
                "job.call" { tries = 1 }
                """);

        assertThat(policies.of("job.email", Policy.DEFAULT)).isEqualTo(new Policy(5, 2, Duration.ofSeconds(10), 8, Duration.ofMillis(250),
                Duration.ofMinutes(1), AfterDead.BLOCK, List.of("java.io.IOException")));
        assertThat(policies.of("job.call", Policy.DEFAULT).tries()).isEqualTo(1);
        assertThat(policies.of("job.call", Policy.DEFAULT).deadline()).isEqualTo(Policy.DEFAULT.deadline());
        assertThat(policies.of("job.other", Policy.DEFAULT)).isEqualTo(Policy.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"job.email { tries = 5 }; names with dots need quotes", "\"a\" { tri = 5 }; unknown key 'tri'",
            "\"a\" = 5; takes an object", "\"a\" { tries = 0 }; must be above 0", "\"a\" { tries = x }; tries",
            "\"a\" { after-dead = stop }; continue or block", "\"a\" { backoff = 10m }; backoff-max", "\"a\" {; MILLRACE_POLICIES",
            "\"a\" { deadline = 0s }; deadline"})
    void whatDoesNotReadStopsTheStart(String text, String why) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(SettingsException.class).hasMessageContaining("MILLRACE_POLICIES")
                .hasMessageContaining(why);
    }

    @Test
    void aFileThatIsNotThereStopsTheStart() {
        assertThatThrownBy(() -> Settings.read(Map.of("MILLRACE_POLICIES", folder.resolve("none").toString())).policies())
                .isInstanceOf(SettingsException.class).hasMessageContaining("can't be read");
    }

    @Test
    void subclassesOfAFatalExceptionAreFatalToo() {
        Policy policy = new Policy(1, 1, Duration.ofSeconds(1), 1, Duration.ofSeconds(1), Duration.ofSeconds(1), AfterDead.CONTINUE,
                List.of("java.io.IOException"));

        assertThat(policy.isFatal(new IOException())).isTrue();
        assertThat(policy.isFatal(new java.io.FileNotFoundException())).isTrue();
        assertThat(policy.isFatal(new IllegalStateException())).isFalse();
    }

    private Policies read(String text) throws IOException {
        return Settings.read(Map.of("MILLRACE_POLICIES", Files.writeString(folder.resolve("policies.conf"), text).toString())).policies();
    }
}
