package dev.millrace.schema.event;

/** The one form that names of clients, lanes, players, boards, regions and seasons share: {@code [A-Za-z0-9._~:@-]{1,64}}. */
public final class Names {
    public static final int MAX_LENGTH = 64;
    /** The form as a regular expression, for schemas and messages. */
    public static final String PATTERN = "[A-Za-z0-9._~:@-]{1,64}";

    private Names() {}

    public static boolean valid(String name) {
        int length = name.length();
        if (length == 0 || length > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (!legal(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the name.
     *
     * @throws IllegalArgumentException if it has another form; the message starts with {@code what}
     */
    public static String check(String what, String name) {
        if (!valid(name)) {
            throw new IllegalArgumentException(what + " must match " + PATTERN);
        }
        return name;
    }

    private static boolean legal(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "._~:@-".indexOf(c) >= 0;
    }
}
