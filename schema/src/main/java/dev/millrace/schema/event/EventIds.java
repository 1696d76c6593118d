package dev.millrace.schema.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and reads the opaque ids that producers see. An id says where its event lies, so that no record per event is needed to find it, and
 * carries a short HMAC over that place and the client, so that it can neither be guessed nor used by another client.
 *
 * <pre>
 * 1 byte    format and stream (high nibble 1, low nibble the priority, 8 more in the schedule)
 * 2 bytes   generation of the namespace
 * 2 bytes   partition
 * 6 bytes   milliseconds of the stream id, or of the id in the schedule
 * 1-8 bytes sequence of that id, big-endian without leading zero bytes
 * 8 bytes   HMAC-SHA256 over client, a zero byte and the bytes above, truncated
 * </pre>
 *
 * as base64url without padding: 27 or 28 characters in the usual case. Ids of one partition share a prefix that moves with time, which keeps
 * B-tree inserts local.
 */
public final class EventIds {
    private static final int HEAD = 11;
    private static final int TAG = 8;
    private static final int FORMAT = 1;
    private static final int SCHEDULED = 8;
    private static final int MAX_TEXT = 40;

    private final int generation;
    private final SecretKeySpec secret;

    /**
     * @param generation of the namespace, 0 to 65,535
     * @param secret of the namespace, at least 16 bytes
     */
    public EventIds(int generation, byte[] secret) {
        if (generation < 0 || generation > 0xFFFF || secret.length < 16) {
            throw new IllegalArgumentException("generation must fit 16 bits and the secret have 16 bytes");
        }
        this.generation = generation;
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
    }

    public String encode(String client, EventRef ref) {
        int sequenceBytes = Math.max(1, (64 - Long.numberOfLeadingZeros(ref.id().seq()) + 7) / 8);
        ByteBuffer bytes = ByteBuffer.allocate(HEAD + sequenceBytes + TAG);
        bytes.put((byte) ((FORMAT << 4) | (ref.scheduled() ? SCHEDULED : 0) | ref.priority().code()));
        bytes.putShort((short) generation);
        bytes.putShort((short) ref.partition());
        putBigEndian(bytes, ref.id().ms(), 6);
        putBigEndian(bytes, ref.id().seq(), sequenceBytes);
        bytes.put(tag(client, bytes.array(), bytes.position()));
        return text(bytes.array());
    }

    /** What the id names, or empty if it is no id of this namespace's generation or not one of this client's. */
    public Optional<EventRef> decode(String client, String text) {
        return bytes(text).filter(bytes -> MessageDigest.isEqual(tag(client, bytes, bytes.length - TAG),
                Arrays.copyOfRange(bytes, bytes.length - TAG, bytes.length))).flatMap(this::place);
    }

    /**
     * What the id names if it is some client's. Whoever looks there has to find out whose that is, and ask {@link #decode} whether the id is
     * true.
     */
    public Optional<EventRef> unproven(String text) {
        return bytes(text).flatMap(this::place);
    }

    private static Optional<byte[]> bytes(String text) {
        if (text.length() > MAX_TEXT) {
            return Optional.empty();
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        // The decoder takes padding and bits that no byte uses, which would give one event several ids.
        if (!text(bytes).equals(text)) {
            return Optional.empty();
        }
        int body = bytes.length - TAG;
        return body < HEAD + 1 || body > HEAD + 8 ? Optional.empty() : Optional.of(bytes);
    }

    private Optional<EventRef> place(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, bytes.length - TAG);
        int kind = in.get();
        int ofGeneration = Short.toUnsignedInt(in.getShort());
        int partition = Short.toUnsignedInt(in.getShort());
        long ms = bigEndian(in, 6);
        long seq = bigEndian(in, in.remaining());
        if (kind >> 4 != FORMAT || ofGeneration != generation || seq < 0) {
            return Optional.empty();
        }
        return Priority.ofCode(kind & (SCHEDULED - 1))
                .map(priority -> new EventRef(partition, priority, new StreamId(ms, seq), (kind & SCHEDULED) != 0));
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private byte[] tag(String client, byte[] bytes, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            mac.update(client.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            mac.update(bytes, 0, length);
            return Arrays.copyOf(mac.doFinal(), TAG);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
    }

    private static void putBigEndian(ByteBuffer out, long value, int bytes) {
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
            out.put((byte) (value >>> shift));
        }
    }

    private static long bigEndian(ByteBuffer in, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = (value << 8) | (in.get() & 0xFF);
        }
        return value;
    }
}
