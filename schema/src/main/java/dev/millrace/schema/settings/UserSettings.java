package dev.millrace.schema.settings;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How users prove who they are.
 *
 * @param tokenKeys under which their tokens are signed, the first of them, and verified, any of them; without one there are no users of
 *     our own
 * @param tokenTtl how long a token is good for
 * @param sessionIdle after this long without use a session ends
 * @param sessionMax after this long it ends in any case
 * @param provider whose tokens are taken besides
 */
public record UserSettings(List<TokenKey> tokenKeys, Duration tokenTtl, Duration sessionIdle, Duration sessionMax,
        @Nullable ProviderSettings provider) {
    private static final Duration MIN = Duration.ofSeconds(1);

    public UserSettings {
        tokenKeys = List.copyOf(tokenKeys);
        if (tokenTtl.compareTo(MIN) < 0 || tokenTtl.compareTo(Duration.ofDays(1)) > 0) {
            throw new SettingsException("MILLRACE_JWT_TTL must be between 1s and 1d");
        }
        if (sessionMax.compareTo(MIN) < 0 || sessionMax.compareTo(Duration.ofDays(366)) > 0) {
            throw new SettingsException("MILLRACE_SESSION_MAX must be between 1s and 366d");
        }
        if (sessionIdle.compareTo(MIN) < 0 || sessionIdle.compareTo(sessionMax) > 0) {
            throw new SettingsException("MILLRACE_SESSION_IDLE must be between 1s and MILLRACE_SESSION_MAX");
        }
    }
}
