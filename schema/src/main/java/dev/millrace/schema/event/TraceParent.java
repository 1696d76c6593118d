package dev.millrace.schema.event;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where in a distributed trace an event was posted, as the {@code traceparent} of W3C Trace Context: what a handler puts on its own calls, so
 * that they are seen as the event's.
 *
 * @param text {@code 00-<32 hex digits of the trace>-<16 of the span>-<2 of flags>}, lower case, neither id all zeros
 */
public record TraceParent(String text) {
    public static final String NAME = "traceparent";
    private static final int LENGTH = 55;
    private static final Pattern FORM = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    public TraceParent {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("not a traceparent of version 00");
        }
    }

    /**
     * Reads a header's value. One of a later version is read as far as this one knows it, as the specification asks; one that is wrong is as
     * good as none, because a trace is not worth an event.
     */
    public static Optional<TraceParent> read(String value) {
        String text = value.strip();
        if (text.length() < LENGTH || text.startsWith("ff") || !isVersion(text)) {
            return Optional.empty();
        }
        boolean later = !text.startsWith("00");
        if (text.length() > LENGTH && !(later && text.charAt(LENGTH) == '-')) {
            return Optional.empty();
        }
        String known = "00" + text.substring(2, LENGTH);
        return FORM.matcher(known).matches() ? Optional.of(new TraceParent(known)) : Optional.empty();
    }

    private static boolean isVersion(String text) {
        return isHex(text.charAt(0)) && isHex(text.charAt(1));
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    @Override
    public String toString() {
        return text;
    }
}
