package dev.millrace.schema.settings;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who must have an event before it is accepted: the master, and so many of its replicas.
 *
 * @param replicas 0 to 9
 */
public record Durability(int replicas) {
    /** The master alone. */
    public static final Durability PRIMARY = new Durability(0);

    private static final Pattern REPLICAS = Pattern.compile("replicas:([1-9])");

    /**
     * Reads {@code primary} or {@code replicas:<n>}.
     *
     * @throws SettingsException if it is neither
     */
    static Durability of(String text) {
        Matcher replicas = REPLICAS.matcher(text);
        if (replicas.matches()) {
            return new Durability(Integer.parseInt(replicas.group(1)));
        }
        if (text.equals("primary")) {
            return PRIMARY;
        }
        throw new SettingsException("MILLRACE_DURABILITY is '" + text + "'; it takes primary or replicas:<1 to 9>");
    }
}
