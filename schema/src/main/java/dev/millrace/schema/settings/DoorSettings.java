package dev.millrace.schema.settings;

import java.time.Duration;

/**
 * Who may come in.
 *
 * @param port of the API, 0 for any that is free
 * @param adminKey at least 24 characters
 * @param keyPepper at least 24 characters
 * @param environment middle part of new API keys
 * @param keyGrace how long a key lives on after its rotation, 1 s to 365 days
 */
public record DoorSettings(int port, String adminKey, String keyPepper, String environment, Duration keyGrace) {
    private static final int MIN_SECRET = 24;
    private static final Duration MIN_GRACE = Duration.ofSeconds(1);
    private static final Duration MAX_GRACE = Duration.ofDays(365);

    public DoorSettings {
        checkSecret("MILLRACE_ADMIN_KEY", adminKey);
        checkSecret("MILLRACE_KEY_PEPPER", keyPepper);
        if (!environment.matches("[a-z0-9]{1,16}")) {
            throw new SettingsException("MILLRACE_ENVIRONMENT must be 1 to 16 lower-case letters and digits");
        }
        if (keyGrace.compareTo(MIN_GRACE) < 0 || keyGrace.compareTo(MAX_GRACE) > 0) {
            throw new SettingsException("MILLRACE_KEY_GRACE must be between 1s and 365d");
        }
    }

    private static void checkSecret(String name, String value) {
        if (value.length() < MIN_SECRET) {
            throw new SettingsException(name + " must have at least " + MIN_SECRET + " characters");
        }
    }

    @Override
    public String toString() {
        return "DoorSettings[port " + port + ", environment " + environment + ']';
    }
}
