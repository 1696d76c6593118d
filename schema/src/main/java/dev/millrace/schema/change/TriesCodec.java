package dev.millrace.schema.change;

import dev.millrace.schema.change.Tries.State;
import dev.millrace.schema.event.MalformedEntryException;
import dev.millrace.schema.event.StreamId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * {@link Tries} as text: {@code 1|<head>|<failures>|<crashes>|<interruptions>|<state>|<due in ms>|<errors as JSON, [[at in ms, error], …]>}.
 * Where the event's data was edited, it begins with {@code 2}, and the errors with {@code <characters of the data>|<data>}.
 */
public final class TriesCodec {
    private static final int PARTS = 8;

    private TriesCodec() {}

    public static String encode(Tries tries) {
        String edited = tries.edited();
        return (edited == null ? "1|" : "2|") + tries.head() + '|' + tries.failures() + '|' + tries.crashes() + '|' + tries.interruptions()
                + '|'
                + tries.state().name()
                + '|' + tries.due().toEpochMilli() + '|' + (edited == null ? "" : edited.length() + "|" + edited)
                + new String(DeadLetterCodec.errors(tries.errors()), StandardCharsets.UTF_8);
    }

    /**
     * Reads {@link #encode}.
     *
     * @throws MalformedEntryException if the text has another form or a newer format
     */
    public static Tries decode(String text) throws MalformedEntryException {
        String[] parts = text.split("\\|", PARTS);
        if (parts.length != PARTS || (!parts[0].equals("1") && !parts[0].equals("2"))) {
            throw new MalformedEntryException("a record of tries that does not read");
        }
        try {
            String edited = parts[0].equals("2") ? edited(parts[7]) : null;
            String errors = edited == null ? parts[7] : parts[7].substring(parts[7].indexOf('|') + 1 + edited.length());
            return new Tries(StreamId.parse(parts[1]), Integer.parseInt(parts[2]), Integer.parseInt(parts[3]), Integer.parseInt(parts[4]),
                    State.valueOf(parts[5]), Instant.ofEpochMilli(Long.parseLong(parts[6])), DeadLetterCodec.errors(errors),
                    edited);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new MalformedEntryException("a record of tries that does not read: " + e.getMessage(), e);
        }
    }

    private static String edited(String rest) {
        int bar = rest.indexOf('|');
        return rest.substring(bar + 1, bar + 1 + Integer.parseInt(rest, 0, bar, 10));
    }
}
