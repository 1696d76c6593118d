package dev.millrace.ingest.http;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.util.Native;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A body as it was before it was compressed, inflated as it is read. What is small and grows large is a bomb: beyond {@value #RATIO_FREE} bytes,
 * which are a body of any kind, it may grow to {@value #MAX_RATIO} times of what came.
 */
final class Inflated extends InputStream {
    private static final Logger LOG = LoggerFactory.getLogger(Inflated.class);
    /** Its library is native and unpacked into the folder for temporary files, from which a hardened machine may run nothing. */
    private static final boolean ZSTD = loadsZstd();
    /** The codings that are taken, as {@code Accept-Encoding} lists them. */
    static final String CODINGS = ZSTD ? "gzip, zstd" : "gzip";
    static final int MAX_RATIO = 200;
    static final int RATIO_FREE = 1 << 20;
    /** The largest window that senders may count on, 8 MiB (RFC 9659); a larger one would be that much memory for each body. */
    private static final int MAX_WINDOW_LOG = 23;

    private final String coding;
    private final PacedInput body;
    private final InputStream in;
    private long bytes;

    private Inflated(String coding, PacedInput body) throws IOException {
        this.coding = coding;
        this.body = body;
        this.in = coding.equals("zstd") ? new ZstdInputStream(new LastByteApart(body)).setLongMax(MAX_WINDOW_LOG)
                : new GzipMembers(body);
    }

    private static Optional<String> coding(String contentEncoding) {
        return switch (contentEncoding.strip().toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip" -> Optional.of("gzip");
            case "zstd" -> Optional.of("zstd").filter(_ -> ZSTD);
            default -> Optional.empty();
        };
    }

    private static boolean loadsZstd() {
        try {
            Native.load();
            return true;
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
            LOG.warn("bodies with Content-Encoding zstd are refused, because its library can't be loaded: {}", e.toString());
            return false;
        }
    }

    /** Whether a coding is taken. */
    static boolean takes(String contentEncoding) {
        return coding(contentEncoding).isPresent();
    }

    /**
     * Begins to inflate.
     *
     * @throws ProblemException if the coding is not one of {@link #CODINGS}
     * @throws IOException if it can't begin
     */
    static Inflated of(String contentEncoding, PacedInput body) throws IOException {
        String coding = coding(contentEncoding).orElseThrow(() -> new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE,
                "Content-Encoding must be one of " + CODINGS + '.'));
        return new Inflated(coding, body);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        int read;
        try {
            read = in.read(buffer, from, length);
        } catch (EOFException | ZipException | ZstdIOException e) {
            throw new ProblemException(ProblemType.BAD_REQUEST, "The body is not valid " + coding + ", or not whole.");
        }
        bytes += Math.max(read, 0);
        if (bytes > RATIO_FREE && bytes > MAX_RATIO * body.bytes()) {
            throw new ProblemException(ProblemType.TOO_LARGE, "The body grows to more than " + MAX_RATIO + " times its size.");
        }
        return read;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
