package dev.millrace.schema.event;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The event types and their JSON Schemas (draft 2020-12): those that come with Millrace, and a deployment's own. Types that are not
 * {@code score.*} are effect types: a producer may choose their lane and priority, and handlers in the processors work them. {@code
 * job.<queue>} are jobs. A later version of a type is another type, {@code <type>.v2}.
 */
public final class EventTypes {
    private static final String SUFFIX = ".json";
    private static final String SCORES = "score.";
    /** Every type is a series of several metrics. */
    private static final int MAX = 256;
    private static final Pattern VERSIONED = Pattern.compile("(.+)\\.v(\\d+)");
    private static final Pattern LATER = Pattern.compile("[2-9]|[1-9]\\d{1,5}");
    private static final List<String> BUILT_IN = List.of("score.set", "score.add", "score.best");

    private EventTypes() {}

    /** Type name to the text of the schema that its {@code data} must satisfy, in a fixed order. */
    public static Map<String, String> builtIn() {
        Map<String, String> schemas = new LinkedHashMap<>();
        for (String type : BUILT_IN) {
            schemas.put(type, read("types/" + type + ".json"));
        }
        return schemas;
    }

    /**
     * The types that come with Millrace and those of a folder, where each file {@code <type>.json} holds the schema of a type. Files whose
     * names start with a dot are not looked at. Whether a schema is one is for its reader to find out.
     *
     * @param folder null for none
     * @throws IllegalStateException if the folder or a file can't be read, or a type has a bad or a taken name; the message says which
     */
    public static Map<String, String> with(@Nullable Path folder) {
        Map<String, String> schemas = builtIn();
        if (folder == null) {
            return schemas;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList()) {
                schemas.put(typeOf(file), Files.readString(file));
            }
        } catch (IOException | UncheckedIOException e) {
            throw new IllegalStateException("MILLRACE_TYPES names " + folder + ", which can't be read: " + e.getMessage(), e);
        }
        if (schemas.size() > MAX) {
            throw new IllegalStateException("MILLRACE_TYPES names " + folder + ", which makes more than " + MAX + " event types");
        }
        return schemas;
    }

    /**
     * The version of a type: the number at the end of its name, as in {@code order.paid.v2}; 1 where it has none. Versions of a type are types of
     * their own, each with its schema and its handler.
     */
    public static int version(String type) {
        Matcher matcher = VERSIONED.matcher(type);
        return matcher.matches() ? Integer.parseInt(matcher.group(2)) : 1;
    }

    private static String typeOf(Path file) {
        String name = file.getFileName().toString();
        String type = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : "";
        if (!Names.valid(type)) {
            throw new IllegalStateException(
                    "MILLRACE_TYPES holds " + name + "; each file is named <type>.json, where the type matches " + Names.PATTERN);
        }
        if (type.startsWith(SCORES)) {
            throw new IllegalStateException(
                    "MILLRACE_TYPES holds " + name + ", but types that start with " + SCORES + " come with Millrace");
        }
        Matcher versioned = VERSIONED.matcher(type);
        if (versioned.matches() && !LATER.matcher(versioned.group(2)).matches()) {
            throw new IllegalStateException(
                    "MILLRACE_TYPES holds " + name + "; the first version of a type is named without a number, later "
                            + "ones <type>.v2 and so on");
        }
        return type;
    }

    private static String read(String resource) {
        try (InputStream in = EventTypes.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing from the jar: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
