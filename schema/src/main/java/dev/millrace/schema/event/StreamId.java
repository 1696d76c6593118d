package dev.millrace.schema.event;

import java.time.Instant;

/**
 * The id of a stream entry: milliseconds of the Redis clock and a sequence within the millisecond. Its order is the order of
 * acceptance within one stream.
 *
 * @param ms milliseconds since the epoch, 0 to 2^48 − 1
 * @param seq sequence within the millisecond, not negative
 */
public record StreamId(long ms, long seq) implements Comparable<StreamId> {
    /** Lower than every id that Redis gives. */
    public static final StreamId ZERO = new StreamId(0, 0);

    private static final long MAX_MS = (1L << 48) - 1;

    public StreamId {
        if (ms < 0 || ms > MAX_MS || seq < 0) {
            throw new IllegalArgumentException("not a stream id: " + ms + "-" + seq);
        }
    }

    /**
     * Reads {@code <ms>-<seq>}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static StreamId parse(String text) {
        int dash = text.indexOf('-');
        // Long.parseLong would also take signs and the digits of other scripts.
        if (!digits(text, 0, dash) || !digits(text, dash + 1, text.length())) {
            throw new IllegalArgumentException("not a stream id: " + text);
        }
        try {
            return new StreamId(Long.parseLong(text, 0, dash, 10), Long.parseLong(text, dash + 1, text.length(), 10));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a stream id: " + text, e);
        }
    }

    /**
     * The id as one number that sorts like the id: 48 bits of milliseconds above 16 bits of sequence. Sequences past 65,535 carry into the
     * next millisecond; that only blurs which of two equal scores counts as the earlier one, so nothing but ties may rest on this number.
     */
    public long packed() {
        return (ms << 16) + seq;
    }

    /** The lowest id that sorts after this one. */
    public StreamId next() {
        return seq == Long.MAX_VALUE ? new StreamId(ms + 1, 0) : new StreamId(ms, seq + 1);
    }

    public Instant time() {
        return Instant.ofEpochMilli(ms);
    }

    @Override
    public int compareTo(StreamId other) {
        int byTime = Long.compare(ms, other.ms);
        return byTime != 0 ? byTime : Long.compare(seq, other.seq);
    }

    private static boolean digits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return from < to;
    }

    @Override
    public String toString() {
        return ms + "-" + seq;
    }
}
