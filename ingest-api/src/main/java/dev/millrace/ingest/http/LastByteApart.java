package dev.millrace.ingest.http;

import java.io.IOException;
import java.io.InputStream;

/**
 * A stream whose last byte comes by itself. Zstandard's library takes a frame that breaks off for whole where it came in one reading with the end of
 * another frame; with a reading of its own for the last byte, which is of the last frame in any case, it notices.
 */
final class LastByteApart extends InputStream {
    private static final int END = -1;
    private static final int NOT_READ = -2;

    private final InputStream in;
    /** The byte after those that were handed out. */
    private int held = NOT_READ;

    LastByteApart(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? END : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (held == NOT_READ) {
            held = in.read();
        }
        if (held == END) {
            return END;
        }
        int first = held;
        int read = 1;
        if (length == 1) {
            held = in.read();
        } else {
            read = in.read(buffer, from + 1, length - 1);
            held = read > 0 ? buffer[from + read] & 0xFF : END;
        }
        buffer[from] = (byte) first;
        return Math.max(read, 1);
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
