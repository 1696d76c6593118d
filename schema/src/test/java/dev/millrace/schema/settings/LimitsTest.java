package dev.millrace.schema.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.event.Priority;
import dev.millrace.schema.settings.LimitRule.Algorithm;
import dev.millrace.schema.settings.LimitRule.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LimitsTest {
    @TempDir
    Path folder;

    @Test
    void rulesAndTiersAreReadAsTheyAreSaid() throws IOException {
        Limits limits = read("""
                tiers { free = low, "gold.plus" = high }
                rules {
                  posts   { scope = user, algorithm = sliding-window, quota = 30, window = 10s, routes = [post-score, post-event] }
                  address { scope = ip, algorithm = fixed-window, quota = 600, window = 1m }
                  free    { scope = client, algorithm = token-bucket, quota = 100, window = 1s, burst = 200, tiers = [free], priority = low }
                }
                """);

        assertThat(limits.rules()).containsExactly(
                new LimitRule("address", Scope.IP, Algorithm.FIXED_WINDOW, 600, Duration.ofMinutes(1), 600, Set.of(), null, Set.of()),
                new LimitRule("free", Scope.CLIENT, Algorithm.TOKEN_BUCKET, 100, Duration.ofSeconds(1), 200, Set.of("free"), Priority.LOW,
                        Set.of()),
                new LimitRule("posts", Scope.USER, Algorithm.SLIDING_WINDOW, 30, Duration.ofSeconds(10), 30, Set.of(), null,
                        Set.of("post-score", "post-event")));
        assertThat(limits.priorityOf("free")).isEqualTo(Priority.LOW);
        assertThat(limits.priorityOf("gold.plus")).isEqualTo(Priority.HIGH);
        assertThat(limits.priorityOf("standard")).isEqualTo(Priority.NORMAL);
        assertThat(limits.priorityOf("low")).isEqualTo(Priority.LOW);
    }

    @Test
    void jsonIsReadToo() throws IOException {
        assertThat(read("{\"rules\": {\"a\": {\"scope\": \"route\", \"algorithm\": \"fixed-window\", \"quota\": 5, \"window\": \"1m\"}}}")
                .rules()).extracting(LimitRule::quota).containsExactly(5L);
        assertThat(read("{}").rules()).isEmpty();
    }

    @Test
    void byDefaultEachClientHasOne() {
        assertThat(Settings.read(Map.of()).limits().limits()).isEqualTo(Limits.byDefault());
        assertThat(Limits.byDefault().rules()).extracting(LimitRule::scope).containsExactly(Scope.CLIENT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"rules {; MILLRACE_LIMITS", "rule { a = 1 }; unknown key 'rule'",
            "rules { a = 5 }; a: it takes an object",
            "rules { a { scope = ip, algorithm = fixed-window, quota = 5, window = 1m, per = 2 } }; a: unknown key 'per'",
            "rules { a { scope = planet, algorithm = fixed-window, quota = 5, window = 1m } }; a: scope takes ip,",
            "rules { a { scope = ip, algorithm = leaky, quota = 5, window = 1m } }; a: algorithm takes fixed-window",
            "rules { a { scope = ip, algorithm = fixed-window, quota = 0, window = 1m } }; a: quota must be above 0",
            "rules { a { scope = ip, algorithm = sliding-window, quota = 10001, window = 1m } }; at most 10000",
            "rules { a { scope = ip, algorithm = fixed-window, quota = 5 } }; window",
            "rules { a { scope = ip, algorithm = fixed-window, quota = 5, window = 1ms } }; window must be",
            "rules { a { scope = ip, algorithm = fixed-window, quota = 5, window = 1m, burst = 9 } }; for a token-bucket only",
            "rules { a { scope = ip, algorithm = token-bucket, quota = 5, window = 30d, burst = 100000000 } }; too many for so long a window",
            "rules { a { scope = ip, algorithm = fixed-window, quota = 5, window = 1m, tiers = [free] } }; not known yet",
            "rules { a { scope = client, algorithm = fixed-window, quota = 5, window = 1m, priority = top } }; a priority is low",
            "rules { A_b { scope = client, algorithm = fixed-window, quota = 5, window = 1m } }; a rule's name must match",
            "tiers { free = cheap }; a priority is low", "tiers { \"a/b\" = low }; a tier's name must match"})
    void whatDoesNotReadIsSaidInOneLine(String text, String why) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(SettingsException.class).hasMessageStartingWith("MILLRACE_LIMITS")
                .hasMessageContaining(why).message().doesNotContain("\n");
    }

    @Test
    void aFileThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> Settings.read(Map.of("MILLRACE_LIMITS", folder.resolve("none").toString())).limits())
                .isInstanceOf(SettingsException.class).hasMessageContaining("can't be read");
        assertThatThrownBy(() -> Settings.read(Map.of("MILLRACE_LIMITS", folder.toString())).limits())
                .isInstanceOf(SettingsException.class).hasMessageContaining("can't be read");
    }

    @Test
    void aRuleForARouteThatThereIsNotIsSaid() throws IOException {
        Limits limits = read("rules { a { scope = route, algorithm = fixed-window, quota = 5, window = 1m, routes = [post-scores] } }");

        assertThatThrownBy(() -> limits.requireRoutes(List.of("post-event", "post-score"), List.of())).isInstanceOf(SettingsException.class)
                .hasMessage("MILLRACE_LIMITS: a: there is no route post-scores; there are post-event, post-score");
        limits.requireRoutes(List.of("post-scores"), List.of());
    }

    @Test
    void aRuleByRegionForARouteThatNamesNoneInTimeIsSaid() throws IOException {
        Limits limits = read("rules { a { scope = region, algorithm = fixed-window, quota = 5, window = 1m, "
                + "routes = [board-top, post-score] } }");

        assertThatThrownBy(() -> limits.requireRoutes(List.of("board-top", "board-rank", "post-score"), List.of("board-top", "board-rank")))
                .isInstanceOf(SettingsException.class).hasMessage("MILLRACE_LIMITS: a: post-score names no region before its limits are "
                        + "checked; scope region is for board-top, board-rank");
        limits.requireRoutes(List.of("board-top", "post-score"), List.of("board-top", "post-score"));
    }

    private Limits read(String text) throws IOException {
        return Settings.read(Map.of("MILLRACE_LIMITS", Files.writeString(folder.resolve("limits.conf"), text).toString())).limits()
                .limits();
    }
}
