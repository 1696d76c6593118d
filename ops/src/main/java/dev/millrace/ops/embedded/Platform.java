package dev.millrace.ops.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The operating system and processor that binaries are chosen by.
 *
 * @param system {@code linux} or {@code darwin}
 * @param processor {@code amd64} or {@code arm64}
 */
record Platform(String system, String processor) {

    static Platform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** From the names that Java has for them. */
    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String system = os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "darwin" : "";
        String processor = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> "";
        };
        if (system.isEmpty() || processor.isEmpty()) {
            throw unsupported(osName + " on " + osArch);
        }
        return new Platform(system, processor);
    }

    static StartupException unsupported(String what) {
        return new StartupException("The embedded Redis and Postgres have no binaries for " + what
                + " (only for Linux and macOS on x86-64 and arm64); set REDIS_URL and DATABASE_URL to servers of your own.");
    }

    /** Whether this is a Linux with musl instead of glibc (Alpine), which needs a Postgres of its own. */
    boolean isMusl() {
        return system.equals("linux") && Files.exists(Path.of("/etc/alpine-release"));
    }

    @Override
    public String toString() {
        return system + " on " + processor + (isMusl() ? " with musl" : "");
    }
}
