package dev.millrace.schema.redis;

import dev.millrace.schema.event.StreamId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A member of a board's sorted set: eight bytes of the event that reached the score ({@link StreamId#packed()}, big-endian), then the
 * player. Redis orders equal scores by the member's bytes, so whoever reached a score first stands first, and the score itself keeps its
 * full precision.
 *
 * @param achieved {@link StreamId#packed()}
 */
public record BoardMember(long achieved, String player) {
    private static final int ID_BYTES = 8;

    public byte[] toBytes() {
        byte[] name = player.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(ID_BYTES + name.length).putLong(achieved).put(name).array();
    }

    public static BoardMember of(byte[] member) {
        if (member.length <= ID_BYTES) {
            throw new IllegalArgumentException("not a board member");
        }
        return new BoardMember(ByteBuffer.wrap(member).getLong(),
                new String(Arrays.copyOfRange(member, ID_BYTES, member.length), StandardCharsets.UTF_8));
    }
}
