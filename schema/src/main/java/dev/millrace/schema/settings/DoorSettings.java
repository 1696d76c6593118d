package dev.millrace.schema.settings;

/**
 * Who may come in.
 *
 * @param port of the API, 0 for any that is free
 * @param adminKey at least 24 characters
 * @param keyPepper at least 24 characters
 * @param environment middle part of new API keys
 */
public record DoorSettings(int port, String adminKey, String keyPepper, String environment) {
    private static final int MIN_SECRET = 24;

    public DoorSettings {
        checkSecret("MILLRACE_ADMIN_KEY", adminKey);
        checkSecret("MILLRACE_KEY_PEPPER", keyPepper);
        if (!environment.matches("[a-z0-9]{1,16}")) {
            throw new SettingsException("MILLRACE_ENVIRONMENT must be 1 to 16 lower-case letters and digits");
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
