package dev.millrace.ingest.http;

import dev.millrace.ingest.json.JsonMediaTypes;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes bodies off the wire, inflated and no longer than they may be, whether or not they say how long they are. */
final class RequestBodies {
    private static final Logger LOG = LoggerFactory.getLogger(RequestBodies.class);
    private static final byte[] NOTHING = {'{', '}'};
    private static final int FIRST_BUFFER = 4 << 10;
    /** How much of a body that is too large is taken all the same, and how long that may last. */
    private static final int DISCARD_MAX = 8 << 20;
    private static final Duration DISCARD_TIME = Duration.ofSeconds(2);

    private final int maxBytes;
    private final int maxArrayBytes;
    private final BodyRoom room;

    /**
     * @param maxBytes of a body that is one thing
     * @param maxArrayBytes of one that is many, and is read whole
     * @param room for those that are larger than one thing
     */
    RequestBodies(int maxBytes, int maxArrayBytes, BodyRoom room) {
        this.maxBytes = maxBytes;
        this.maxArrayBytes = maxArrayBytes;
        this.room = room;
    }

    /** Whether there is one, where there need not be. */
    boolean has(Context ctx) {
        return ctx.req().getContentLengthLong() > 0 || ctx.header("Transfer-Encoding") != null;
    }

    /**
     * The body of a request that must be JSON.
     *
     * @throws ProblemException if it is of another type or too large
     * @throws IOException if it does not arrive
     */
    byte[] json(Context ctx) throws IOException {
        @Nullable String type = ctx.req().getContentType();
        if (type == null || !JsonMediaTypes.bare(type).equals(Answers.JSON)) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be " + Answers.JSON + '.');
        }
        return one(ctx);
    }

    /**
     * The same where a request may go without a body: an empty object then.
     *
     * @throws ProblemException if there is one and it is of another type or too large
     * @throws IOException if it does not arrive
     */
    byte[] optionalJson(Context ctx) throws IOException {
        boolean none = ctx.req().getContentLengthLong() <= 0 && ctx.header("Transfer-Encoding") == null
                && ctx.req().getContentType() == null;
        return none ? NOTHING.clone() : json(ctx);
    }

    /**
     * A body of any type that is one thing.
     *
     * @throws ProblemException if it is too large or encoded in a way that is not read
     * @throws IOException if it does not arrive
     */
    byte[] one(Context ctx) throws IOException {
        try (BodyRoom.Place place = room.place()) {
            return read(ctx, place, maxBytes, maxBytes);
        }
    }

    /** A place for a body that may be large, to be closed when the body is done with. */
    BodyRoom.Place place() {
        return room.place();
    }

    /**
     * A body that may be larger than another if it is a JSON array.
     *
     * @throws ProblemException if it is too large or encoded in a way that is not read, or there is no room for it beside others
     * @throws IOException if it does not arrive
     */
    byte[] oneOrArray(Context ctx, BodyRoom.Place place) throws IOException {
        return read(ctx, place, maxBytes, maxArrayBytes);
    }

    /** Whether a body is a JSON array, if it is JSON. */
    static boolean isArray(byte[] body) {
        int first = firstOf(body, body.length);
        return first >= 0 && body[first] == '[';
    }

    /**
     * A body to be read bit by bit, by whoever closes it.
     *
     * @throws ProblemException if it is encoded in a way that is not read; also while it is read, if it does not arrive in time, is not what
     *     it says or too large
     * @throws IOException if it does not arrive; also while it is read
     */
    InputStream stream(Context ctx, long maxStreamBytes) throws IOException {
        try {
            return new Bounded(ctx, open(ctx, maxStreamBytes), maxStreamBytes);
        } catch (ProblemException e) {
            throw discarded(ctx, e);
        }
    }

    /** What comes is bounded as what it inflates to, because much can inflate to nothing. */
    private static InputStream open(Context ctx, long max) throws IOException {
        PacedInput body = new PacedInput(ctx.req().getInputStream(), max);
        @Nullable String encoding = ctx.header("Content-Encoding");
        if (encoding == null || encoding.equalsIgnoreCase("identity")) {
            return body;
        }
        if (!Inflated.takes(encoding)) {
            ctx.header("Accept-Encoding", Inflated.CODINGS);
        }
        return Inflated.of(encoding, body);
    }

    private static byte[] read(Context ctx, BodyRoom.Place place, int maxBytes, int maxArrayBytes) throws IOException {
        long announced = ctx.req().getContentLengthLong();
        try {
            if (announced > maxArrayBytes) {
                throw tooLarge(maxArrayBytes);
            }
            try (InputStream in = open(ctx, maxArrayBytes)) {
                return in instanceof PacedInput && announced >= 0 && announced <= maxBytes ? readExactly(in, (int) announced)
                        : readToTheEnd(in, place, maxBytes, maxArrayBytes);
            }
        } catch (ProblemException e) {
            throw discarded(ctx, e);
        }
    }

    private static byte[] readExactly(InputStream in, int length) throws IOException {
        byte[] body = new byte[length];
        int have = 0;
        while (have < length) {
            int read = in.read(body, have, length - have);
            if (read < 0) {
                throw new EOFException("the body is shorter than announced");
            }
            have += read;
        }
        return body;
    }

    private static byte[] readToTheEnd(InputStream in, BodyRoom.Place place, int maxBytes, int maxArrayBytes) throws IOException {
        byte[] buffer = new byte[Math.min(FIRST_BUFFER, maxBytes + 1)];
        int max = maxBytes;
        int have = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer, have, buffer.length - have)) {
            have += read;
            if (have > max && max < maxArrayBytes) {
                int first = firstOf(buffer, have);
                max = first >= 0 && buffer[first] == '[' ? maxArrayBytes : max;
            }
            if (have > max) {
                throw tooLarge(max);
            }
            if (have > maxBytes) {
                place.fit(have);
            }
            if (have == buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.min(2 * buffer.length, Math.max(have, max) + 1));
            }
        }
        return Arrays.copyOf(buffer, have);
    }

    private static int firstOf(byte[] text, int length) {
        for (int i = 0; i < length; i++) {
            if (text[i] != ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r') {
                return i;
            }
        }
        return -1;
    }

    /**
     * Takes what is still on its way, within bounds, before the body is refused. An answer to a body that nobody reads is followed by a reset of
     * the connection, which can reach the sender before the answer does.
     */
    private static ProblemException discarded(Context ctx, ProblemException refusal) {
        // Who asked whether to send it at all may not have sent it, and reading would be a yes; who is too slow stays so.
        if (ctx.header("Expect") == null && refusal.problem().type() != ProblemType.TIMEOUT) {
            try {
                discard(ctx.req().getInputStream());
            } catch (IOException | RuntimeException e) {
                LOG.debug("nothing more came of a body that is refused: {}", e.toString());
            }
        }
        return refusal;
    }

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

    private static ProblemException tooLarge(long max) {
        return new ProblemException(ProblemType.TOO_LARGE, "The body may have at most " + max + " bytes.");
    }

    /** Ends with a problem where more comes than may. */
    private static final class Bounded extends InputStream {
        private final Context ctx;
        private final InputStream in;
        private final long max;
        private long bytes;

        Bounded(Context ctx, InputStream in, long max) {
            this.ctx = ctx;
            this.in = in;
            this.max = max;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            try {
                int read = in.read(buffer, from, length);
                bytes += Math.max(read, 0);
                if (bytes > max) {
                    throw tooLarge(max);
                }
                return read;
            } catch (ProblemException e) {
                throw discarded(ctx, e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
