package dev.millrace.processor.engine;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** Who works what by rendezvous hashing, for tests that compare it with who really does. */
public final class Rendezvous {
    private Rendezvous() {}

    /** Partition to member. */
    public static Map<Integer, String> owners(int partitions, Collection<String> members) {
        Map<Integer, String> owners = new TreeMap<>();
        Assignment.all(partitions, members).forEach((member, share) -> share.forEach(partition -> owners.put(partition, member)));
        return owners;
    }
}
