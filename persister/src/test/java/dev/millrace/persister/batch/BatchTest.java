package dev.millrace.persister.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {
    private static final EventIds IDS = new EventIds(7, new byte[32]);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverTheOrderOfTheChangesThePlayersAreLeftInTheirLastState(long seed) {
        List<ChangeEntry> changes = new RandomChanges(seed).make(60);
        Map<List<String>, PlayerState> last = new HashMap<>();
        for (ChangeEntry entry : changes) {
            for (PlayerChange player : entry.change().players()) {
                last.put(primaryKey(player), player.state());
            }
        }
        List<ChangeEntry> shuffled = new ArrayList<>(changes);
        Collections.shuffle(shuffled, new Random(seed));

        Map<List<String>, PlayerState> left = new HashMap<>();
        for (PlayerChange player : Batch.of(IDS, shuffled).players()) {
            assertThat(left.put(primaryKey(player), player.state())).as("a row twice").isNull();
        }
        assertThat(left).isEqualTo(last).hasSizeGreaterThan(20);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyListIsSortedByThePrimaryKeyByteByByte(long seed) {
        List<ChangeEntry> changes = new RandomChanges(seed).make(60);
        Collections.shuffle(changes, new Random(seed));
        Batch batch = Batch.of(IDS, changes);

        assertThat(batch.players().stream().map(BatchTest::primaryKey).toList()).isSortedAccordingTo(BatchTest::compareBytes)
                .hasSizeGreaterThan(20);
        assertThat(batch.scores().stream().map(row -> List.of(row.eventId())).toList()).isSortedAccordingTo(BatchTest::compareBytes)
                .hasSizeGreaterThan(50);
        assertThat(batch.events().stream().map(row -> List.of(row.eventId())).toList()).isSortedAccordingTo(BatchTest::compareBytes)
                .hasSizeGreaterThan(5);
        assertThat(batch.progress()).isSortedAccordingTo(Comparator.comparingInt(PartitionProgress::partition)).hasSize(4);
    }

    @Test
    void everyEventHasOneRowUnderTheIdThatItsProducerKnows() {
        List<ChangeEntry> changes = new RandomChanges(9).make(60);
        Batch batch = Batch.of(IDS, changes);

        Set<EventRef> scores = new HashSet<>();
        Set<EventRef> events = new HashSet<>();
        for (ChangeEntry entry : changes) {
            for (ScoreApplied score : entry.change().applied()) {
                scores.add(EventRef.of(entry.partition(), Priority.NORMAL, score.id(), score.origin()));
            }
            for (EventEnded event : entry.change().ended()) {
                events.add(EventRef.of(entry.partition(), event.priority(), event.id(), event.origin()));
            }
        }
        assertThat(batch.scores()).extracting(row -> IDS.decode(row.score().key().client(), row.eventId()).orElseThrow())
                .containsExactlyInAnyOrderElementsOf(scores);
        assertThat(batch.events()).extracting(row -> IDS.decode(row.event().client(), row.eventId()).orElseThrow())
                .containsExactlyInAnyOrderElementsOf(events);
        assertThat(scores).extracting(EventRef::scheduled).contains(true, false);
        assertThat(batch.scores()).allSatisfy(row -> assertThat(row.acceptedAt())
                .isEqualTo(IDS.decode(row.score().key().client(), row.eventId()).orElseThrow().id().time()));
        assertThat(batch.events()).allSatisfy(
                row -> assertThat(row.acceptedAt()).isEqualTo(IDS.decode(row.event().client(), row.eventId()).orElseThrow().id().time()));
    }

    @Test
    void progressIsTheHighestIdAsNumbersAndTheHighestVersionOfEachPartition() {
        Batch batch = Batch.of(IDS, List.of(change(0, "100-9", 5, 70), change(0, "100-10", 6, 60), change(1, "99-0", 8)));

        assertThat(batch.progress()).containsExactly(new PartitionProgress(0, StreamId.parse("100-10"), 70),
                new PartitionProgress(1, StreamId.parse("99-0"), 8));
    }

    @Test
    void whatIsInTheBooksIsLeftOut() {
        ChangeEntry written = change(0, "100-9", 5, 70);
        ChangeEntry missing = change(0, "100-10", 5, 71);
        ChangeEntry ofAnother = change(1, "100-0", 5, 12);
        Batch batch = Batch.of(IDS, List.of(written, missing, ofAnother));

        Batch rest = batch.without(Map.of(0, new PartitionProgress(0, StreamId.parse("100-9"), 70)));

        assertThat(rest.players()).extracting(player -> player.state().version()).containsExactlyInAnyOrder(71L, 12L);
        assertThat(rest.progress()).extracting(PartitionProgress::partition).containsExactly(0, 1);
        assertThat(batch.without(Map.of(0, new PartitionProgress(0, StreamId.parse("99-0"), 4)))).isSameAs(batch);
        assertThat(batch.without(Map.of(0, new PartitionProgress(0, StreamId.parse("101-0"), 99), 1,
                new PartitionProgress(1, StreamId.parse("101-0"), 99))).isEmpty()).isTrue();
    }

    @Test
    void aChangeUnderAnIdThatWasGivenOutBeforeIsNotTakenForWritten() {
        // After a failover to a Redis whose clock is behind: the id is low, but the epoch is new.
        ChangeEntry anew = change(0, "90-0", 200);

        assertThat(Batch.of(IDS, List.of(anew)).without(Map.of(0, new PartitionProgress(0, StreamId.parse("100-0"), 199))).isEmpty())
                .isFalse();
    }

    private static ChangeEntry change(int partition, String id, long epoch, long... versions) {
        List<PlayerChange> players = Arrays.stream(versions)
                .mapToObj(version -> new PlayerChange(new PlayerKey("acme", "main", "p" + partition + version),
                        new PlayerState(1, "EU", "all", version, StreamId.parse("9-0"), StreamId.parse("9-0"), null), null))
                .toList();
        return new ChangeEntry(partition, StreamId.parse(id), new Change(epoch, Instant.EPOCH, players, List.of(), List.of()));
    }

    private static List<String> primaryKey(PlayerChange player) {
        return List.of(player.key().client(), player.key().board(), player.state().season(), player.key().player());
    }

    private static int compareBytes(List<String> one, List<String> other) {
        for (int i = 0; i < one.size(); i++) {
            int compared = Arrays.compareUnsigned(one.get(i).getBytes(StandardCharsets.UTF_8),
                    other.get(i).getBytes(StandardCharsets.UTF_8));
            if (compared != 0) {
                return compared;
            }
        }
        return 0;
    }
}
