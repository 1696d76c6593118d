package dev.millrace.schema.event;

/**
 * Where an entry comes from that was not appended as its event was first accepted: from the schedule, or, redriven, from an earlier place in
 * the stream. The event keeps the id that it had there; the entry's own place is what orders it.
 *
 * @param id in the schedule, or of the earlier entry
 * @param scheduled whether it comes from the schedule
 */
public record Origin(StreamId id, boolean scheduled) {
    private static final char SCHEDULE = 's';
    private static final char EARLIER = 'e';

    /**
     * Reads {@link #toString}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static Origin parse(String text) {
        if (text.isEmpty() || (text.charAt(0) != SCHEDULE && text.charAt(0) != EARLIER)) {
            throw new IllegalArgumentException("not an origin: " + text);
        }
        return new Origin(StreamId.parse(text.substring(1)), text.charAt(0) == SCHEDULE);
    }

    /** {@code s<ms>-<seq>} from the schedule, {@code e<ms>-<seq>} from an earlier place. */
    @Override
    public String toString() {
        return (scheduled ? SCHEDULE : EARLIER) + id.toString();
    }
}
