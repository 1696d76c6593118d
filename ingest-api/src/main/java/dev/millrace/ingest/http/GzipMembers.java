package dev.millrace.ingest.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Inflates gzip (RFC 1952): one member or several on end, each whole and with its checksum right, and nothing behind them. The JDK's stream takes a
 * body that breaks off between two members, or has not gone on yet, for whole, and goes a level deeper for each member that is empty.
 */
final class GzipMembers extends InputStream {
    private static final int BUFFER = 8 << 10;
    private static final int MAGIC = 0x8B1F;
    private static final int DEFLATE = 8;
    private static final int HAS_HEADER_CHECKSUM = 1 << 1;
    private static final int HAS_EXTRA = 1 << 2;
    private static final int HAS_NAME = 1 << 3;
    private static final int HAS_COMMENT = 1 << 4;
    private static final int RESERVED = 0xE0;
    private static final int TIME_FLAGS_AND_SYSTEM = 6;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    /** Of what is inflated; while a header is read, of that. */
    private final CRC32 checksum = new CRC32();
    private final byte[] input = new byte[BUFFER];
    private int at;
    private int end;
    private boolean begun;
    private boolean inMember;

    GzipMembers(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /**
     * {@inheritDoc}
     *
     * @throws ZipException if it is no gzip
     * @throws EOFException if it ends within a member
     */
    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (inMember || begin()) {
            int read = inflate(buffer, from, length);
            if (read > 0) {
                checksum.update(buffer, from, read);
                return read;
            }
            finish();
        }
        return -1;
    }

    /** Whether another member has begun; there must be one. */
    private boolean begin() throws IOException {
        if (begun && at == end && !fill()) {
            return false;
        }
        begun = true;
        checksum.reset();
        require(twoBytes() == MAGIC && oneByte() == DEFLATE, "no gzip");
        int flags = oneByte();
        require((flags & RESERVED) == 0, "reserved flags");
        skip(TIME_FLAGS_AND_SYSTEM);
        if ((flags & HAS_EXTRA) != 0) {
            skip(twoBytes());
        }
        if ((flags & HAS_NAME) != 0) {
            skipText();
        }
        if ((flags & HAS_COMMENT) != 0) {
            skipText();
        }
        if ((flags & HAS_HEADER_CHECKSUM) != 0) {
            int expected = (int) checksum.getValue() & 0xFFFF;
            require(twoBytes() == expected, "checksum of a header");
        }
        checksum.reset();
        inflater.reset();
        inMember = true;
        return true;
    }

    /** How many bytes were inflated; none at the end of the member. */
    private int inflate(byte[] buffer, int from, int length) throws IOException {
        try {
            int read = 0;
            while (read == 0 && !inflater.finished()) {
                require(!inflater.needsDictionary(), "a dictionary");
                if (inflater.needsInput()) {
                    if (at == end && !fill()) {
                        throw new EOFException("ends within a member");
                    }
                    inflater.setInput(input, at, end - at);
                }
                read = inflater.inflate(buffer, from, length);
                at = end - inflater.getRemaining();
            }
            return read;
        } catch (DataFormatException e) {
            throw (ZipException) new ZipException("no deflated data").initCause(e);
        }
    }

    private void finish() throws IOException {
        long expected = checksum.getValue();
        require(fourBytes() == expected, "checksum of a member");
        require(fourBytes() == (inflater.getBytesWritten() & 0xFFFF_FFFFL), "length of a member");
        inMember = false;
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(in.read(input), 0);
        return end > 0;
    }

    private int oneByte() throws IOException {
        if (at == end && !fill()) {
            throw new EOFException("ends within a member");
        }
        byte read = input[at++];
        checksum.update(read);
        return read & 0xFF;
    }

    private int twoBytes() throws IOException {
        int low = oneByte();
        return low | oneByte() << 8;
    }

    private long fourBytes() throws IOException {
        long low = twoBytes();
        return low | (long) twoBytes() << 16;
    }

    private void skip(int bytes) throws IOException {
        for (int i = 0; i < bytes; i++) {
            oneByte();
        }
    }

    private void skipText() throws IOException {
        int read = oneByte();
        while (read != 0) {
            read = oneByte();
        }
    }

    private static void require(boolean right, String what) throws ZipException {
        if (!right) {
            throw new ZipException(what);
        }
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
