package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Takes bodies off the wire, of the right type and no longer than they may be, whether or not they say how long they are. */
final class RequestBodies {
    private static final Duration ARRIVAL = Duration.ofSeconds(15);
    private static final int FIRST_BUFFER = 4 << 10;
    /** How much of a body that is too large is taken all the same, and how long that may last. */
    private static final int DISCARD_MAX = 8 << 20;
    private static final Duration DISCARD_TIME = Duration.ofSeconds(2);

    private final int maxBytes;

    RequestBodies(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * The body of a request that must be JSON.
     *
     * @throws ProblemException if it is of another type or too large
     * @throws IOException if it does not arrive
     */
    byte[] json(Context ctx) throws IOException {
        @Nullable String type = ctx.req().getContentType();
        if (type == null || !Negotiation.bare(type).equals(Answers.JSON)) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be " + Answers.JSON + '.');
        }
        @Nullable String encoding = ctx.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not supported.");
        }
        return read(ctx);
    }

    private byte[] read(Context ctx) throws IOException {
        long announced = ctx.req().getContentLengthLong();
        if (announced > maxBytes) {
            // Who asked whether to send it at all has not sent it, and reading would be a yes.
            if (ctx.header("Expect") == null) {
                discard(ctx.req().getInputStream());
            }
            throw tooLarge();
        }
        return announced < 0 ? readToTheEnd(ctx.req().getInputStream()) : readExactly(ctx.req().getInputStream(), (int) announced);
    }

    private static byte[] readExactly(InputStream in, int length) throws IOException {
        byte[] body = new byte[length];
        long begin = System.nanoTime();
        int have = 0;
        while (have < length) {
            int read = in.read(body, have, length - have);
            if (read < 0) {
                throw new EOFException("the body is shorter than announced");
            }
            have += read;
            checkTime(begin);
        }
        return body;
    }

    private byte[] readToTheEnd(InputStream in) throws IOException {
        byte[] buffer = new byte[Math.min(FIRST_BUFFER, maxBytes + 1)];
        long begin = System.nanoTime();
        int have = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer, have, buffer.length - have)) {
            have += read;
            if (have > maxBytes) {
                discard(in);
                throw tooLarge();
            }
            checkTime(begin);
            if (have == buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.min(2 * buffer.length, maxBytes + 1));
            }
        }
        return Arrays.copyOf(buffer, have);
    }

    /**
     * Takes what is still on its way, within bounds. An answer to a body that nobody reads is followed by a reset of the connection, which
     * can reach the sender before the answer does.
     */
    private static void discard(InputStream in) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long end = System.nanoTime() + DISCARD_TIME.toNanos();
        int gone = 0;
        int read = 0;
        while (read >= 0 && gone < DISCARD_MAX && System.nanoTime() - end < 0) {
            read = in.read(buffer);
            gone += Math.max(read, 0);
        }
    }

    /** The connection's idle time bounds each read; this bounds those that bring a few bytes each. */
    private static void checkTime(long begin) {
        if (System.nanoTime() - begin > ARRIVAL.toNanos()) {
            throw new ProblemException(ProblemType.TIMEOUT, "The body did not arrive within " + ARRIVAL.toSeconds() + " s.");
        }
    }

    private ProblemException tooLarge() {
        return new ProblemException(ProblemType.TOO_LARGE, "The body may have at most " + maxBytes + " bytes.");
    }
}
