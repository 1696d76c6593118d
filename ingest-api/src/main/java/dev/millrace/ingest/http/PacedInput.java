package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;

/**
 * A body on its way, which must come at {@value #BYTES_A_SECOND} bytes a second or more after a start of its own, and be no longer than it may.
 * The connection's idle time bounds each read; this bounds those that bring a few bytes each. The time that nobody reads does not count. A body
 * that does not come, or not whole, ends with a problem, so that what was done with its beginning can be answered for.
 */
final class PacedInput extends InputStream {
    static final int BYTES_A_SECOND = 16 << 10;
    private static final Duration START = Duration.ofSeconds(15);

    private final InputStream in;
    private final long max;
    private final long spare;
    private long bytes;
    private long waitedNanos;

    /**
     * @param max how many bytes may come, besides the little that compressing can add
     */
    PacedInput(InputStream in, long max) {
        this.in = in;
        this.max = max;
        this.spare = max / 1_024 + 1_024;
    }

    /** How many bytes have come. */
    long bytes() {
        return bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /**
     * {@inheritDoc}
     *
     * @throws ProblemException if the body is too long, comes too slowly or breaks off
     */
    @Override
    public int read(byte[] buffer, int from, int length) {
        long begin = System.nanoTime();
        int read = arrived(buffer, from, length);
        waitedNanos += System.nanoTime() - begin;
        bytes += Math.max(read, 0);
        if (bytes - spare > max) {
            throw new ProblemException(ProblemType.TOO_LARGE, "The body may have at most " + max + " bytes.");
        }
        if (read >= 0 && waitedNanos > START.toNanos() + Duration.ofSeconds(bytes / BYTES_A_SECOND).toNanos()) {
            throw late();
        }
        return read;
    }

    private int arrived(byte[] buffer, int from, int length) {
        try {
            return in.read(buffer, from, length);
        } catch (IOException e) {
            throw e.getCause() instanceof TimeoutException ? late()
                    : new ProblemException(ProblemType.BAD_REQUEST, "The body did not arrive as announced.");
        } catch (RuntimeException e) {
            if (e instanceof HttpException http) {
                Problem problem = Failures.ofStatus(http.getCode());
                throw new ProblemException(problem);
            }
            throw e;
        }
    }

    private static ProblemException late() {
        return new ProblemException(ProblemType.TIMEOUT, "The body did not arrive within " + START.toSeconds() + " s and a second for each "
                + BYTES_A_SECOND + " bytes of it, or not a byte of it for too long.");
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }
}
