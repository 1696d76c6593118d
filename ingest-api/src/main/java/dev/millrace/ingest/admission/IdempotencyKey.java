package dev.millrace.ingest.admission;

import java.util.Optional;

/** The producer's own name of an event, by which a second post of it is known: the header {@code Idempotency-Key}, or the event's id. */
public final class IdempotencyKey {
    public static final String HEADER = "Idempotency-Key";
    static final int MAX_LENGTH = 255;
    /** The form of keys, as the end of a sentence. */
    public static final String FORM = "must have 1 to " + MAX_LENGTH + " printable ASCII characters";

    private IdempotencyKey() {}

    /** Whether a text has the form of keys. */
    public static boolean valid(String key) {
        if (key.isEmpty() || key.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) < 0x20 || key.charAt(i) > 0x7E) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads the header's value: a quoted string of Structured Fields (RFC 9651, 3.3.3), or the bare key.
     *
     * @return empty if it is neither
     */
    public static Optional<String> ofHeader(String value) {
        String text = value.strip();
        if (!text.startsWith("\"")) {
            return Optional.of(text).filter(IdempotencyKey::valid);
        }
        StringBuilder key = new StringBuilder(text.length());
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                return i == text.length() - 1 ? Optional.of(key.toString()).filter(IdempotencyKey::valid) : Optional.empty();
            }
            if (c == '\\') {
                i++;
                if (i == text.length() || (text.charAt(i) != '"' && text.charAt(i) != '\\')) {
                    return Optional.empty();
                }
            }
            key.append(text.charAt(i));
        }
        return Optional.empty();
    }
}
