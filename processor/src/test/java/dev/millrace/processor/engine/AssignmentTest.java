package dev.millrace.processor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AssignmentTest {
    @Test
    void everyPartitionHasOneOwnerAndSharesDifferByOneAtMost() {
        for (int count = 1; count <= 12; count++) {
            List<String> members = members(count);
            for (int partitions = 1; partitions <= 128; partitions++) {
                Map<String, Set<Integer>> shares = Assignment.all(partitions, members);
                boolean[] owned = new boolean[partitions];
                int most = 0;
                int least = partitions;
                int total = 0;
                for (Set<Integer> share : shares.values()) {
                    share.forEach(partition -> owned[partition] = true);
                    most = Math.max(most, share.size());
                    least = Math.min(least, share.size());
                    total += share.size();
                }
                assertThat(shares).as("%d members, %d partitions", count, partitions).containsOnlyKeys(members);
                assertThat(owned).as("%d members, %d partitions", count, partitions).doesNotContain(false);
                assertThat(total).as("%d members, %d partitions", count, partitions).isEqualTo(partitions);
                assertThat(most - least).as("%d members, %d partitions", count, partitions).isLessThanOrEqualTo(1);
            }
        }
    }

    /** Worked out by another implementation; members of different releases must come to the same answer. */
    @Test
    void sharesAreWhatTheyHaveAlwaysBeen() {
        assertThat(Assignment.all(8, List.of("alpha", "beta", "gamma")))
                .isEqualTo(Map.of("alpha", Set.of(0, 7), "beta", Set.of(1, 3, 4), "gamma", Set.of(2, 5, 6)));
        assertThat(Assignment.all(16, List.of("host-1-a", "host-2-b", "host-3-c", "host-4-d")))
                .isEqualTo(Map.of("host-1-a", Set.of(2, 4, 8, 14),
                        "host-2-b", Set.of(0, 3, 5, 15), "host-3-c", Set.of(6, 7, 11, 13), "host-4-d", Set.of(1, 9, 10, 12)));
        assertThat(Assignment.all(1, List.of("alpha", "beta"))).isEqualTo(Map.of("alpha", Set.of(0), "beta", Set.of()));
        // Past 256 the second byte of the number counts.
        assertThat(Assignment.shareOf("alpha", 300, List.of("alpha", "beta"))).hasSize(150).contains(274, 277, 278, 294)
                .doesNotContain(279, 281, 282, 299);
    }

    @Test
    void theOrderInWhichMembersAreListedDoesNotMatter() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> members = new ArrayList<>(members(7));
        Map<String, Set<Integer>> expected = Assignment.all(64, members);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(members, random);
            assertThat(Assignment.all(64, members)).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void aMemberThatIsListedTwiceCountsOnce() {
        assertThat(Assignment.all(64, List.of("beta", "alpha", "beta"))).isEqualTo(Assignment.all(64, List.of("alpha", "beta")));
    }

    @Test
    void eachMemberSeesItsOwnShareOfTheWhole() {
        List<String> members = members(5);
        Map<String, Set<Integer>> all = Assignment.all(64, members);
        assertThat(members)
                .allSatisfy(member -> assertThat(Assignment.shareOf(member, 64, members)).isEqualTo(all.get(member)).isNotEmpty());
    }

    @Test
    void whoIsNotListedHasNoShare() {
        assertThat(Assignment.shareOf("stranger", 64, members(3))).isEmpty();
        assertThat(Assignment.shareOf("stranger", 64, List.of())).isEmpty();
        assertThat(Assignment.all(64, List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 128, 256})
    void fewPartitionsMoveBesidesThoseOfAMemberThatLeaves(int partitions) {
        for (int count = 2; count <= 12; count++) {
            List<String> members = members(count);
            Map<Integer, String> before = owners(partitions, members);
            int moved = 0;
            for (String gone : members) {
                List<String> left = members.stream().filter(member -> !member.equals(gone)).toList();
                Map<Integer, String> after = owners(partitions, left);
                int alsoMoved = (int) before.entrySet().stream()
                        .filter(was -> !was.getValue().equals(gone) && !was.getValue().equals(after.get(was.getKey()))).count();
                assertThat(alsoMoved).as("%d partitions, %d members, %s gone", partitions, count, gone).isLessThanOrEqualTo(partitions / 8);
                moved += alsoMoved;
            }
            assertThat(moved).as("%d partitions, %d members, on average", partitions, count).isLessThanOrEqualTo(count * partitions / 14);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 128, 256})
    void fewPartitionsMoveBesidesThoseThatANewMemberTakes(int partitions) {
        for (int count = 1; count <= 12; count++) {
            List<String> members = new ArrayList<>(members(count));
            Map<Integer, String> before = owners(partitions, members);
            members.add("newcomer");
            Map<Integer, String> after = owners(partitions, members);
            long alsoMoved = before.entrySet().stream().filter(was -> !was.getValue().equals(after.get(was.getKey())))
                    .filter(was -> !"newcomer".equals(after.get(was.getKey()))).count();
            assertThat(alsoMoved).as("%d partitions, %d members", partitions, count).isLessThanOrEqualTo(partitions / 6);
        }
    }

    @Test
    void namesThatDifferLittleGetSharesThatDiffer() {
        Set<Integer> one = Assignment.shareOf("processor-1", 64, List.of("processor-1", "other"));
        Set<Integer> two = Assignment.shareOf("processor-2", 64, List.of("processor-2", "other"));
        assertThat(one).hasSize(32).isNotEqualTo(two);
        assertThat(one.stream().filter(two::contains).count()).isBetween(8L, 24L);
    }

    private static Map<Integer, String> owners(int partitions, List<String> members) {
        Map<Integer, String> owners = new HashMap<>();
        Assignment.all(partitions, members).forEach((member, share) -> share.forEach(partition -> owners.put(partition, member)));
        return owners;
    }

    private static List<String> members(int count) {
        return IntStream.range(0, count).mapToObj(i -> "processor-" + i).toList();
    }
}
