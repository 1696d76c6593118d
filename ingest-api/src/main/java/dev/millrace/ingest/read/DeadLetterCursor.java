package dev.millrace.ingest.read;

import dev.millrace.schema.event.StreamId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Where a walk through the dead letters of all partitions has come to.
 *
 * @param partition in which it goes on
 * @param after the last of that partition's letters that was looked at; zero for none
 */
public record DeadLetterCursor(int partition, StreamId after) {
    /** Before all letters. */
    public static final DeadLetterCursor START = new DeadLetterCursor(0, StreamId.ZERO);

    private static final int MAX_TEXT = 64;

    /** From which a walk finds this letter first. */
    public static DeadLetterCursor before(FoundLetter letter) {
        StreamId entry = letter.entry();
        StreamId after = entry.seq() > 0 ? new StreamId(entry.ms(), entry.seq() - 1) : new StreamId(entry.ms() - 1, Long.MAX_VALUE);
        return new DeadLetterCursor(letter.ref().partition(), after);
    }

    /** Text without a meaning to others. */
    public String encode() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((partition + "/" + after).getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Reads {@link #encode}.
     *
     * @param partitions how many there are
     * @return empty if it is no cursor
     */
    public static Optional<DeadLetterCursor> decode(String text, int partitions) {
        if (text.length() > MAX_TEXT) {
            return Optional.empty();
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII).split("/", 2);
            int partition = Integer.parseInt(parts[0]);
            return parts.length == 2 && partition >= 0 && partition < partitions
                    ? Optional.of(new DeadLetterCursor(partition, StreamId.parse(parts[1])))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
