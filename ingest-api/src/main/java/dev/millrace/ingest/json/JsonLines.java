package dev.millrace.ingest.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into lines that end with LF or CRLF, as NDJSON has them, and holds no more than one of them. Blank ones are passed over. For
 * one thread.
 */
public final class JsonLines {
    private static final int FIRST_BUFFER = 16 << 10;
    private static final int SPARE = 16 << 10;

    private final InputStream in;
    private final int maxBytes;
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int start;
    private int end;
    private boolean ended;

    /**
     * @param maxBytes of a line, its end left out
     */
    public JsonLines(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** A line. */
    public sealed interface Line {
        /**
         * One that was read.
         *
         * @param bytes good until the next line is asked for
         */
        record Text(ByteBuffer bytes) implements Line {}

        /** One that is too long, and is not kept. */
        record TooLong() implements Line {}
    }

    /**
     * The next line that is not blank; null if there is none.
     *
     * @throws IOException if the stream breaks off
     */
    public @Nullable Line next() throws IOException {
        int scanned = 0;
        while (true) {
            int feed = feed(start + scanned);
            if (feed >= 0) {
                int from = start;
                start = feed + 1;
                scanned = 0;
                if (!isBlank(from, feed)) {
                    return line(from, feed);
                }
            } else if (end - start > maxBytes + 1) {
                skipToFeed();
                return new Line.TooLong();
            } else if (ended) {
                int from = start;
                start = end;
                return isBlank(from, end) ? null : line(from, end);
            } else {
                scanned = end - start;
                fill();
            }
        }
    }

    private Line line(int from, int feed) {
        int to = feed > from && buffer[feed - 1] == '\r' ? feed - 1 : feed;
        return to - from > maxBytes ? new Line.TooLong() : new Line.Text(ByteBuffer.wrap(buffer, from, to - from));
    }

    private int feed(int from) {
        for (int i = from; i < end; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean isBlank(int from, int to) {
        for (int i = from; i < to; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private void skipToFeed() throws IOException {
        while (!ended) {
            start = 0;
            end = 0;
            fill();
            int feed = feed(0);
            if (feed >= 0) {
                start = feed + 1;
                return;
            }
        }
        start = end;
    }

    private void fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.min(2 * buffer.length, maxBytes + SPARE));
        }
        int read = in.read(buffer, end, buffer.length - end);
        if (read < 0) {
            ended = true;
        } else {
            end += read;
        }
    }
}
