package dev.millrace.schema.redis;

import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.Partitions;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * What is fixed when a namespace is first used, and read by every role at its start.
 *
 * @param partitions how many there are; another number would move lanes and break their order
 * @param generation tells this namespace from an earlier one of the same name
 * @param eventIds makes and reads its event ids
 */
public record Namespace(Keyspace keys, Partitions partitions, int generation, EventIds eventIds) {
    private static final Script OPEN = Script.load(Namespace.class, "open-namespace");

    /**
     * Reads the meta record, or writes it where there is none.
     *
     * @throws IllegalStateException if Redis holds the namespace with another partition count or hash; the message says what to change
     */
    public static Namespace open(Redis redis, Keyspace keys, Partitions wanted) {
        SecureRandom random = new SecureRandom();
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        Reply reply = redis.eval(OPEN, List.of(keys.meta()), List.of(text(Integer.toString(wanted.count())),
                text(Integer.toString(Partitions.HASH_VERSION)), text(Integer.toString(1 + random.nextInt(0xFFFF))),
                text(HexFormat.of().formatHex(secret))));
        int partitions = (int) reply.number(1);
        if (partitions != wanted.count()) {
            throw new IllegalStateException("MILLRACE_PARTITIONS is " + wanted.count() + ", but namespace " + keys.namespace()
                    + " of this Redis has " + partitions + "; set MILLRACE_PARTITIONS=" + partitions + " or another MILLRACE_NAMESPACE");
        }
        if (reply.number(2) != Partitions.HASH_VERSION) {
            throw new IllegalStateException("namespace " + keys.namespace() + " spreads lanes by hash version " + reply.text(2)
                    + ", this release by " + Partitions.HASH_VERSION + "; use the release that made it or another MILLRACE_NAMESPACE");
        }
        int generation = (int) reply.number(3);
        return new Namespace(keys, wanted, generation, new EventIds(generation, HexFormat.of().parseHex(reply.text(4))));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
