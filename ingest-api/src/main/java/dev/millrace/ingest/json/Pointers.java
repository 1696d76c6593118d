package dev.millrace.ingest.json;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Places in a document, as JSON pointers (RFC 6901) in their URI fragment form, such as {@code #/data/value}. */
public final class Pointers {
    /** The document itself. */
    public static final String ROOT = "#";

    /** What a fragment may hold besides letters and digits (RFC 3986), the slash left out because pointers give it a meaning. */
    private static final String PLAIN = "-._~!$&'()*+,;=:@?";

    private Pointers() {}

    /** The place of a member of the object at {@code parent}. */
    public static String member(String parent, String name) {
        return parent + '/' + escape(name.replace("~", "~0").replace("/", "~1"));
    }

    /** A JSON pointer as it stands in a fragment, the leading {@code #} left out. */
    public static String path(String pointer) {
        StringBuilder path = new StringBuilder(pointer.length());
        String[] parts = pointer.split("/", -1);
        for (int i = 1; i < parts.length; i++) {
            path.append('/').append(escape(parts[i]));
        }
        return path.toString();
    }

    private static String escape(String part) {
        StringBuilder escaped = new StringBuilder(part.length());
        for (byte octet : part.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || PLAIN.indexOf(c) >= 0) {
                escaped.append(c);
            } else {
                escaped.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return escaped.toString();
    }
}
