package dev.millrace.ingest.read;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.zip.CRC32C;

/**
 * Players whom a reader has seen, in 256 bytes: a Bloom filter. It forgets nobody; of players who were not seen it takes 1 in 1,000 for seen
 * after a hundred players, every other one after a thousand.
 */
final class SeenPlayers {
    static final int BYTES = 256;
    private static final int HASHES = 4;

    private final byte[] bits;

    private SeenPlayers(byte[] bits) {
        this.bits = bits;
    }

    static SeenPlayers none() {
        return new SeenPlayers(new byte[BYTES]);
    }

    /** Reads {@link #bytes()}. */
    static SeenPlayers of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("not " + BYTES + " bytes");
        }
        return new SeenPlayers(bytes.clone());
    }

    byte[] bytes() {
        return bits.clone();
    }

    /** These and some more. */
    SeenPlayers and(Collection<String> players) {
        SeenPlayers more = new SeenPlayers(bits.clone());
        for (String player : players) {
            for (int bit : places(player)) {
                more.bits[bit >>> 3] |= (byte) (1 << (bit & 7));
            }
        }
        return more;
    }

    /** False only if the player was not seen. */
    boolean mayHold(String player) {
        for (int bit : places(player)) {
            if ((bits[bit >>> 3] & (1 << (bit & 7))) == 0) {
                return false;
            }
        }
        return true;
    }

    /** By double hashing (Kirsch and Mitzenmacher, 2006). */
    private static int[] places(String player) {
        CRC32C crc = new CRC32C();
        crc.update(player.getBytes(StandardCharsets.UTF_8));
        int one = (int) crc.getValue();
        int other = (player.hashCode() * 0x9e3779b9) >>> 16 | 1;
        int[] places = new int[HASHES];
        for (int i = 0; i < HASHES; i++) {
            places[i] = Math.floorMod(one + i * other, BYTES * Byte.SIZE);
        }
        return places;
    }
}
