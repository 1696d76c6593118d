package dev.millrace.ops.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A file of lines {@code KEY=value} for its owner alone (mode 0600), in the form that shells, Compose and systemd read. Values are of printable
 * ASCII; one with characters that mean something to a shell stands in single quotes. Blank lines and lines that begin with {@code #} are
 * allowed when it is read, and lost when it is written.
 */
public final class EnvFile {
    private static final Pattern KEY = Pattern.compile("[A-Z][A-Z0-9_]*");
    private static final Pattern VALUE = Pattern.compile("[ -~]*");
    /** What no shell takes for anything but itself, so that readers who know nothing of quotes get the value too. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,?-]*");
    private static final String QUOTED_QUOTE = "'\\''";

    private final Path file;
    private final Map<String, String> values;

    private EnvFile(Path file, Map<String, String> values) {
        this.file = file;
        this.values = values;
    }

    /**
     * Reads the file; a missing one has no values.
     *
     * @throws StartupException when a line is none of the above
     */
    static EnvFile read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        if (Files.exists(file)) {
            int number = 0;
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                number++;
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                int equals = line.indexOf('=');
                if (equals < 0 || !KEY.matcher(line.substring(0, equals)).matches()) {
                    throw new StartupException("Line " + number + " of " + file + " is not KEY=value; mend or remove it.");
                }
                values.put(line.substring(0, equals), unquoted(line.substring(equals + 1)));
            }
        }
        return new EnvFile(file, values);
    }

    public Path file() {
        return file;
    }

    public synchronized Optional<String> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** The value of a key, which is made and written down when there is none yet. */
    public synchronized String getOrMake(String key, Supplier<String> make) {
        String known = values.get(key);
        if (known != null) {
            return known;
        }
        String made = make.get();
        put(key, made);
        return made;
    }

    /** Sets a value and writes the file, whole or not at all. */
    public synchronized void put(String key, String value) {
        putAll(Map.of(key, value));
    }

    /** Sets values and writes the file, whole or not at all. New keys follow the known ones, in the map's order. */
    public synchronized void putAll(Map<String, String> changes) {
        changes.forEach((key, value) -> {
            if (!KEY.matcher(key).matches() || !VALUE.matcher(value).matches()) {
                throw new IllegalArgumentException("not fit for an environment file: " + key);
            }
        });
        Map<String, String> next = new LinkedHashMap<>(values);
        next.putAll(changes);
        if (next.equals(values)) {
            return;
        }
        try {
            Folders.writePrivate(file,
                    next.entrySet().stream().map(one -> line(one.getKey(), one.getValue()) + "\n").collect(Collectors.joining()));
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file, e);
        }
        values.putAll(changes);
    }

    /** How a value stands in the file. */
    public static String line(String key, String value) {
        return key + '=' + (PLAIN.matcher(value).matches() ? value : "'" + value.replace("'", QUOTED_QUOTE) + "'");
    }

    private static String unquoted(String written) {
        boolean quoted = written.length() > 1 && written.startsWith("'") && written.endsWith("'");
        return quoted ? written.substring(1, written.length() - 1).replace(QUOTED_QUOTE, "'") : written;
    }
}
