package dev.millrace.ops.embedded;

/** Says why Millrace can't start here, in one line that also tells what to change. Meant to be shown to a person as it is. */
public final class StartupException extends RuntimeException {
    public StartupException(String line) {
        super(line);
    }

    public StartupException(String line, Throwable cause) {
        super(line, cause);
    }
}
