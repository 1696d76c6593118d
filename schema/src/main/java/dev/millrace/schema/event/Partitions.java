package dev.millrace.schema.event;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * How lanes hash onto partitions. Fixed when a namespace is first used, because moving a lane to another partition would break its order.
 *
 * @param count number of partitions, 1 to 4,096
 */
public record Partitions(int count) {
    public static final int MAX_COUNT = 4_096;
    /** Names the hash below; kept in the namespace's meta record and compared at every start. */
    public static final int HASH_VERSION = 1;

    public Partitions {
        if (count < 1 || count > MAX_COUNT) {
            throw new IllegalArgumentException("partitions must be between 1 and " + MAX_COUNT);
        }
    }

    /**
     * The partition of a lane: CRC-32C over client, a zero byte and lane name, modulo the count. The priority takes no part, so that the
     * priorities of one name share an owner.
     */
    public int of(String client, String lane) {
        CRC32C crc = new CRC32C();
        crc.update(client.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        crc.update(lane.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % count);
    }
}
