package dev.millrace.schema.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Lua script that runs inside Redis. Scripts are resources beside the class that calls them, and start with a header that says what they
 * are for:
 *
 * <pre>
 * #!lua flags=…
 * -- One sentence that says what the script does.
 * -- KEYS: lease, stream, player…     names in order; a last name with … stands for any number
 * -- ARGV: owner, epoch, …
 * -- Returns: OK | FENCED             every first word that the script may answer
 * </pre>
 *
 * The header's key count is checked at each call, so that no call goes out with an undeclared or missing key.
 *
 * @param name the resource's name without {@code .lua}
 * @param source the whole text
 * @param sha1 what EVALSHA knows it by
 * @param keys how many keys it takes at least
 * @param variadic whether it takes more
 */
public record Script(String name, String source, String sha1, int keys, boolean variadic) {
    private static final Pattern PURPOSE = Pattern.compile("\\A#!lua[^\n]*\n-- (?!KEYS:|ARGV:|Returns:)\\S.*");

    /**
     * Loads {@code <name>.lua} from beside the class.
     *
     * @throws IllegalStateException if it is missing or lacks a part of the header: a fault of the build
     */
    public static Script load(Class<?> home, String name) {
        String resource = name + ".lua";
        try (InputStream in = home.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing from the jar: " + home.getPackageName() + '/' + resource);
            }
            return of(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Script of(String name, String source) {
        if (!PURPOSE.matcher(source).find()) {
            throw new IllegalStateException(name + ".lua must start with #!lua and a line that says what it does");
        }
        header(name, "ARGV", source);
        header(name, "Returns", source);
        String declared = header(name, "KEYS", source);
        String[] names = declared.split(" *, *", -1);
        boolean variadic = names[names.length - 1].endsWith("…");
        return new Script(name, source, sha1(source), variadic ? names.length - 1 : names.length, variadic);
    }

    /**
     * Fails unless the script takes that many keys.
     *
     * @throws IllegalArgumentException otherwise: a fault of the caller
     */
    void checkKeys(int given) {
        if (given < keys || (given > keys && !variadic)) {
            throw new IllegalArgumentException(name + ".lua takes " + keys + (variadic ? " or more" : "") + " keys, not " + given);
        }
    }

    private static String header(String name, String part, String source) {
        Matcher matcher = Pattern.compile("(?m)^-- " + part + ": *(.*)$").matcher(source);
        if (!matcher.find() || matcher.group(1).isBlank()) {
            throw new IllegalStateException(name + ".lua lacks the header line -- " + part + ":");
        }
        return matcher.group(1).strip();
    }

    private static String sha1(String source) {
        try {
            // EVALSHA's own digest; nothing secret rests on it.
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1 is part of every JDK", e);
        }
    }
}
