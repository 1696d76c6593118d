package dev.millrace.ops.bench;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An HTTP answer as it comes in, read only as far as it takes to know where it ends. */
final class HttpAnswer {
    private static final int FIRST_BUFFER = 16 << 10;
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "\r\ncontent-length:".getBytes(StandardCharsets.US_ASCII);
    /** Of a chunked answer; JSON never holds it. */
    private static final byte[] LAST_CHUNK = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final int SHOWN = 1_000;

    private ByteBuffer in = ByteBuffer.allocate(FIRST_BUFFER);
    /** Where the body begins, or 0 while that is not known. */
    private int body;
    /** Where the answer ends; 0 while that is not known, below 0 if its last chunk says so. */
    private int end;

    /**
     * Reads what has come.
     *
     * @return whether that is all
     * @throws EOFException if the connection ended
     */
    boolean read(ReadableByteChannel channel) throws IOException {
        if (!in.hasRemaining()) {
            in = ByteBuffer.wrap(Arrays.copyOf(in.array(), 2 * in.capacity())).position(in.position());
        }
        if (channel.read(in) < 0) {
            throw new EOFException("the connection was closed after '" + text() + "'");
        }
        if (body == 0) {
            readHead();
        }
        return body > 0 && (end > 0 ? in.position() >= end : endsWithLastChunk());
    }

    private void readHead() {
        int found = find(END_OF_HEAD, 0, in.position());
        if (found < 0) {
            return;
        }
        body = found + END_OF_HEAD.length;
        int length = find(LENGTH, 0, body);
        end = length < 0 ? -1 : body + number(length + LENGTH.length);
    }

    private int number(int from) {
        int number = 0;
        for (int i = from; in.get(i) != '\r'; i++) {
            if (in.get(i) != ' ') {
                number = 10 * number + in.get(i) - '0';
            }
        }
        return number;
    }

    private boolean endsWithLastChunk() {
        int from = in.position() - LAST_CHUNK.length;
        return from >= body - 2 && find(LAST_CHUNK, from, in.position()) == from;
    }

    /** Where lower-case bytes come first, whatever their case is there; -1 if nowhere. */
    private int find(byte[] bytes, int from, int to) {
        byte[] text = in.array();
        for (int i = from; i <= to - bytes.length; i++) {
            int same = 0;
            while (same < bytes.length && lower(text[i + same]) == bytes[same]) {
                same++;
            }
            if (same == bytes.length) {
                return i;
            }
        }
        return -1;
    }

    private static byte lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? (byte) (octet + 'a' - 'A') : octet;
    }

    /**
     * Fails unless it has this status.
     *
     * @throws MismatchException if it has another; the message shows the answer
     */
    void requireStatus(int status) {
        byte[] text = in.array();
        int found = 100 * (text[STATUS_AT] - '0') + 10 * (text[STATUS_AT + 1] - '0') + text[STATUS_AT + 2] - '0';
        if (found != status) {
            throw new MismatchException("an answer is not " + status + ": " + text());
        }
    }

    private String text() {
        return new String(in.array(), 0, Math.min(in.position(), SHOWN), StandardCharsets.UTF_8);
    }

    /** Makes room for the next one. */
    void clear() {
        in.clear();
        body = 0;
        end = 0;
    }
}
