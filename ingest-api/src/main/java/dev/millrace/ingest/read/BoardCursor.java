package dev.millrace.ingest.read;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a stretch of a board ended: a score and a member, rather than a rank, so that players who pass by meanwhile move nobody out of the
 * next stretch or into it twice.
 */
final class BoardCursor {
    private static final int MAX_TEXT = 128;

    private final long ranked;
    private final byte[] member;

    /**
     * @param ranked the score as the sorted set holds it
     */
    BoardCursor(long ranked, byte[] member) {
        this.ranked = ranked;
        this.member = member;
    }

    long ranked() {
        return ranked;
    }

    byte[] member() {
        return member;
    }

    String encode() {
        byte[] bytes = ByteBuffer.allocate(Long.BYTES + member.length).putLong(ranked).put(member).array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static Optional<BoardCursor> decode(String text) {
        byte @Nullable [] bytes = bytes(text);
        if (bytes == null || bytes.length <= Long.BYTES) {
            return Optional.empty();
        }
        return Optional.of(new BoardCursor(ByteBuffer.wrap(bytes).getLong(), Arrays.copyOfRange(bytes, Long.BYTES, bytes.length)));
    }

    private static byte @Nullable [] bytes(String text) {
        if (text.length() > MAX_TEXT) {
            return null;
        }
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
