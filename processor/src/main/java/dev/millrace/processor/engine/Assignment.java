package dev.millrace.processor.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * Spreads partitions over members so that every member, knowing only the list of members, comes to the same answer; shares differ by one at
 * most and few partitions move when a member comes or goes.
 *
 * <p>
 * Rendezvous hashing (Thaler and Ravishankar, 1998) with bounded loads: pairs of partition and member are taken by falling weight, and a
 * pair counts if the partition is still free and the member has room.
 */
final class Assignment {
    private Assignment() {}

    /**
     * The share of one member.
     *
     * @param partitions how many there are
     * @param members all of them, in any order
     * @return empty if the member is not among them
     */
    static Set<Integer> shareOf(String member, int partitions, Collection<String> members) {
        return all(partitions, members).getOrDefault(member, Set.of());
    }

    /** Every member's share. */
    static Map<String, Set<Integer>> all(int partitions, Collection<String> members) {
        Map<String, Set<Integer>> shares = new HashMap<>();
        if (members.isEmpty()) {
            return shares;
        }
        Set<String> sorted = new TreeSet<>(members);
        sorted.forEach(member -> shares.put(member, new HashSet<>()));
        int room = partitions / sorted.size();
        int extras = partitions % sorted.size();
        Set<Integer> taken = new HashSet<>();
        for (Pair pair : pairs(partitions, sorted)) {
            Set<Integer> share = shares.computeIfAbsent(pair.member(), ignored -> new HashSet<>());
            boolean extra = share.size() == room && extras > 0;
            if ((share.size() < room || extra) && taken.add(pair.partition())) {
                share.add(pair.partition());
                extras -= extra ? 1 : 0;
            }
        }
        return shares;
    }

    private static List<Pair> pairs(int partitions, Set<String> members) {
        List<Pair> pairs = new ArrayList<>(partitions * members.size());
        for (String member : members) {
            byte[] name = member.getBytes(StandardCharsets.UTF_8);
            for (int partition = 0; partition < partitions; partition++) {
                pairs.add(new Pair(partition, member, weight(partition, name)));
            }
        }
        pairs.sort(Comparator.comparingLong(Pair::weight).reversed().thenComparingInt(Pair::partition).thenComparing(Pair::member));
        return pairs;
    }

    private static long weight(int partition, byte[] member) {
        CRC32C crc = new CRC32C();
        crc.update(member);
        crc.update(partition >>> 8);
        crc.update(partition);
        // A CRC is linear: without this finish (SplitMix64) names that differ in one bit would give weights that differ in step.
        long mixed = crc.getValue() * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return (mixed ^ (mixed >>> 31)) >>> 1;
    }

    private record Pair(int partition, String member, long weight) {}
}
