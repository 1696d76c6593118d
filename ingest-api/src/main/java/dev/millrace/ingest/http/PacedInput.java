package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * A body on its way, which must come at {@value #BYTES_A_SECOND} bytes a second or more after a start of its own. The connection's idle time
 * bounds each read; this bounds those that bring a few bytes each. The time that nobody reads does not count.
 */
final class PacedInput extends InputStream {
    static final int BYTES_A_SECOND = 16 << 10;
    private static final Duration START = Duration.ofSeconds(15);

    private final InputStream in;
    private long bytes;
    private long waitedNanos;
    private boolean ended;

    PacedInput(InputStream in) {
        this.in = in;
    }

    /** How many bytes have come. */
    long bytes() {
        return bytes;
    }

    /** Whether the end has come. */
    boolean ended() {
        return ended;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        long begin = System.nanoTime();
        int read = in.read(buffer, from, length);
        waitedNanos += System.nanoTime() - begin;
        if (read < 0) {
            ended = true;
            return read;
        }
        bytes += read;
        if (waitedNanos > START.toNanos() + Duration.ofSeconds(bytes / BYTES_A_SECOND).toNanos()) {
            throw new ProblemException(ProblemType.TIMEOUT, "The body did not arrive within " + START.toSeconds() + " s and a second for "
                    + "each " + BYTES_A_SECOND + " bytes of it.");
        }
        return read;
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }
}
