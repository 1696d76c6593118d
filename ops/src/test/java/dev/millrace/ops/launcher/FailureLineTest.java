package dev.millrace.ops.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.embedded.StartupException;
import dev.millrace.schema.redis.RedisUnavailableException;
import dev.millrace.schema.settings.SettingsException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FailureLineTest {
    @Test
    void whatAPersonCanMendIsToldInItsOwnWords() {
        assertThat(FailureLine.of(new SettingsException("PORT is 'x'; it takes a port"))).isEqualTo("PORT is 'x'; it takes a port");
        assertThat(FailureLine.of(new StartupException("the data folder is in use"))).isEqualTo("the data folder is in use");
        assertThat(FailureLine.of(new CompletionException(new RedisUnavailableException("no Redis answers"))))
                .isEqualTo("no Redis answers");
    }

    @Test
    void theUnexpectedSaysHowToLearnMore() {
        assertThat(FailureLine.of(new ArithmeticException("/ by zero")))
                .isEqualTo("ArithmeticException: / by zero (MILLRACE_LOG_LEVEL=debug shows where)");
        assertThat(FailureLine.of(new NullPointerException())).isEqualTo("NullPointerException (MILLRACE_LOG_LEVEL=debug shows where)");
    }

    @Test
    void itIsOneLine() {
        assertThat(FailureLine.of(new SettingsException("a\nb"))).isEqualTo("a\\u000ab");
    }
}
