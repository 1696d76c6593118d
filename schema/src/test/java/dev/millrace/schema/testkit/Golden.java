package dev.millrace.schema.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What earlier releases wrote, kept under {@code golden/}: a file a record, and in it a line {@code name=value} for each field in the order
 * in which it was stored. A file is never changed once it has been released; a new format gets a new file.
 */
public final class Golden {
    private Golden() {}

    /** The one line of a file that holds a plain value. */
    public static String line(String file) {
        List<String> lines = lines(file);
        if (lines.size() != 1) {
            throw new IllegalStateException(file + " must hold one line");
        }
        return lines.getFirst();
    }

    /** The fields of a stream entry, each as {@code name=value}. */
    public static List<String> lines(String file) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The fields of a stream entry, as a reader of the stream gets them. */
    public static Map<String, byte[]> fields(String file) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        for (String line : lines(file)) {
            int end = line.indexOf('=');
            fields.put(line.substring(0, end), line.substring(end + 1).getBytes(UTF_8));
        }
        return fields;
    }

    /** Names and values in turn, as an encoder gives them, in the form of {@link #lines}. */
    public static List<String> lines(List<byte[]> encoded) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < encoded.size(); i += 2) {
            lines.add(new String(encoded.get(i), UTF_8) + '=' + new String(encoded.get(i + 1), UTF_8));
        }
        return lines;
    }

    /** Names and values in turn, as an encoder gives them, as a reader of the stream would get them. */
    public static Map<String, byte[]> fields(List<byte[]> encoded) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        for (int i = 0; i < encoded.size(); i += 2) {
            fields.put(new String(encoded.get(i), UTF_8), encoded.get(i + 1));
        }
        return fields;
    }
}
