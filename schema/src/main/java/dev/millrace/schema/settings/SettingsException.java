package dev.millrace.schema.settings;

/** A setting that is missing, unknown or wrong; the message is one line that says what to change. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }
}
