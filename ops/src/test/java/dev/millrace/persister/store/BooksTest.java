package dev.millrace.persister.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ops.testkit.PostgresDatabase;
import dev.millrace.ops.testkit.RealPostgres;
import dev.millrace.persister.World;
import dev.millrace.persister.batch.Batch;
import dev.millrace.persister.batch.ChangeEntry;
import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.EventEnded.Outcome;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Origin;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RealPostgres
final class BooksTest {
    private static final PlayerKey ANN = new PlayerKey("acme", "main", "ann");

    private final Shelf shelf;

    BooksTest(PostgresDatabase place) {
        this.shelf = new Shelf(place);
    }

    @AfterEach
    void close() {
        shelf.close();
    }

    @Test
    void aStateIsWrittenWithAllThatIsKnownOfIt() {
        StreamId achieved = StreamId.parse("1790000000123-7");
        PlayerState state = new PlayerState(9_007_199_254_740_991L, "EU", "s1", 41, StreamId.parse("1790000000456-0"), achieved,
                "{\"Ann\"},\\N");
        write(change(3, "5-0", 40, new PlayerChange(ANN, state, null)));

        Map<String, String> row = shelf.rows("leaderboard").getFirst();
        assertThat(row).containsEntry("client_id", "acme").containsEntry("board", "main").containsEntry("season", "s1")
                .containsEntry("user_id", "ann")
                .containsEntry("name", "{\"Ann\"},\\N").containsEntry("region", "EU").containsEntry("score", "9007199254740991")
                .containsEntry("achieved_at", "2026-09-21 14:13:20.123+00").containsEntry("achieved_id", Long.toString(achieved.packed()))
                .containsEntry("last_id", "1790000000456-0").containsEntry("version", "41");
    }

    @Test
    void anOlderOrEqualVersionNeverOverwrites() {
        write(change(0, "5-0", 40, state(50, 41)));
        for (long version : new long[]{40, 41}) {
            assertThat(write(change(0, "6-" + version, 40, state(1, version))).players()).isZero();
        }
        assertThat(shelf.single("select score from leaderboard")).isEqualTo("50");
        assertThat(write(change(0, "7-0", 40, state(60, 42))).players()).isEqualTo(1);
        assertThat(shelf.single("select score from leaderboard")).isEqualTo("60");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void duplicateReorderedAndReplayedChangesEndInTheSameBooks(long seed) {
        World world = new World(seed, 8);
        Random random = new Random(seed);
        List<ChangeEntry> changes = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            changes.add(world.next(random.nextInt(4), 10));
        }
        List<ChangeEntry> mess = new ArrayList<>(changes);
        mess.addAll(changes.subList(10, 40));
        Collections.shuffle(mess, random);
        for (int from = 0; from < mess.size();) {
            int to = Math.min(mess.size(), from + 1 + random.nextInt(7));
            shelf.execute("delete from progress"); // So that only the guards of the rows themselves speak here.
            write(mess.subList(from, to).toArray(ChangeEntry[]::new));
            from = to;
        }

        assertThat(World.leaderboard(shelf.query(World.LEADERBOARD_SQL))).isEqualTo(world.leaderboard()).isNotEmpty();
        assertThat(shelf.rows("score_events")).hasSize((int) world.scores());
        assertThat(shelf.rows("events")).hasSize((int) world.others());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplayChangesNothingAtAll(boolean progressIsKnown) {
        World world = new World(4, 8);
        List<ChangeEntry> changes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            changes.add(world.next(i % 4, 10));
        }
        write(changes.toArray(ChangeEntry[]::new));
        if (!progressIsKnown) {
            shelf.execute("delete from progress");
            write(changes.getLast());
        }
        List<List<Map<String, String>>> before = shelf.everything().subList(0, 3);

        Written again = write(changes.toArray(ChangeEntry[]::new));

        assertThat(again).isEqualTo(Written.NOTHING);
        assertThat(shelf.everything().subList(0, 3)).isEqualTo(before);
    }

    @Test
    void historyTellsEveryEventOnceUnderItsId() {
        World world = new World(5, 3);
        ChangeEntry change = world.next(2, 40);
        Written written = write(change, world.next(2, 40));

        assertThat(written.events()).isEqualTo(80);
        assertThat(shelf.rows("score_events")).hasSize((int) world.scores());
        assertThat(shelf.rows("events")).hasSize((int) world.others());
        assertThat(change.change().applied()).isNotEmpty().allSatisfy(score -> {
            String id = Shelf.IDS.encode("acme", new EventRef(2, Priority.NORMAL, score.id()));
            Map<String, String> row = shelf.query("select * from score_events where event_id = '" + id + "'").getFirst();
            assertThat(row).containsEntry("amount", Long.toString(score.amount())).containsEntry("score", Long.toString(score.score()))
                    .containsEntry("version", Long.toString(score.version())).containsEntry("op", "add")
                    .containsEntry("region", score.region())
                    .containsEntry("user_id", score.key().player());
        });
        assertThat(change.change().ended()).isNotEmpty().allSatisfy(event -> {
            String id = Shelf.IDS.encode("acme", new EventRef(2, Priority.HIGH, event.id()));
            Map<String, String> row = shelf.query("select * from events where event_id = '" + id + "'").getFirst();
            assertThat(row).containsEntry("outcome", "dead").containsEntry("attempts", "3").containsEntry("error", event.error())
                    .containsEntry("type", "job.email").containsEntry("lane", "lane");
        });
    }

    @Test
    void progressIsOfOneTransactionWithTheRows() {
        World world = new World(6, 3);
        write(world.next(1, 5));
        List<List<Map<String, String>>> before = shelf.everything();
        EventEnded poison = new EventEnded(StreamId.parse("9-9"), Priority.LOW, "no\u0000client", "job.email", "lane", Outcome.DEAD, 1,
                null);
        ChangeEntry bad = new ChangeEntry(1, StreamId.parse("9999999999999-0"), new Change(9_999_999, Instant.EPOCH, List.of(), List.of(),
                List.of(poison)));

        assertThatThrownBy(() -> write(world.next(1, 5), bad)).isInstanceOf(PoisonBatchException.class).hasMessageContaining("22021");

        assertThat(shelf.everything()).isEqualTo(before);
    }

    @Test
    void aNulInAnErrorMessageIsNoPoison() {
        EventEnded event = new EventEnded(StreamId.parse("9-9"), Priority.LOW, "acme", "job.email", "lane", Outcome.DEAD, 1,
                "half\u0000way");
        write(new ChangeEntry(1, StreamId.parse("5-0"), new Change(1, Instant.EPOCH, List.of(), List.of(), List.of(event))));

        assertThat(shelf.single("select error from events")).isEqualTo("half\uFFFDway");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theLatestEndOfARedrivenEventWinsInWhateverOrderItIsWritten(long seed) {
        Origin origin = new Origin(StreamId.parse("3-1"), false);
        List<ChangeEntry> ends = List.of(
                ended("9-0", 40, new EventEnded(origin.id(), Priority.HIGH, "acme", "job.email", "lane", Outcome.DEAD, 3, "no", null)),
                ended("10-0", 40, new EventEnded(StreamId.parse("9-5"), Priority.HIGH, "acme", "job.email", "lane", Outcome.DEAD, 4,
                        "no again", origin)),
                // After a failover to a Redis whose clock is behind: the id is low, but the epoch is new.
                ended("8-0", 50, new EventEnded(StreamId.parse("7-0"), Priority.HIGH, "acme", "job.email", "lane", Outcome.COMPLETED, 1,
                        null, origin)));
        List<ChangeEntry> mess = new ArrayList<>(ends);
        mess.addAll(ends);
        Random random = new Random(seed);
        Collections.shuffle(mess, random);
        for (int from = 0; from < mess.size();) {
            int to = Math.min(mess.size(), from + 1 + random.nextInt(3));
            shelf.execute("delete from progress");
            write(mess.subList(from, to).toArray(ChangeEntry[]::new));
            from = to;
        }

        assertThat(shelf.rows("events")).singleElement().satisfies(row -> assertThat(row).containsEntry("outcome", "completed")
                .containsEntry("attempts", "1").containsEntry("error", null)
                .containsEntry("event_id", Shelf.IDS.encode("acme", new EventRef(2, Priority.HIGH, origin.id()))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aScoreThatWasAppliedAfterItHadDiedHasOneOutcome(boolean inOrder) {
        Origin origin = new Origin(StreamId.parse("3-1"), true);
        ChangeEntry dead = ended("9-0", 40, new EventEnded(StreamId.parse("4-0"), Priority.NORMAL, "acme", "score.add", "ann", Outcome.DEAD,
                1, "no", origin));
        ScoreApplied score = new ScoreApplied(StreamId.parse("9-5"), ANN, "all", "EU", ScoreOp.ADD, 1, 1, 41, origin);
        ChangeEntry applied = new ChangeEntry(2, StreamId.parse("10-0"),
                new Change(40, Instant.EPOCH, List.of(state(1, 41)), List.of(score), List.of()));
        write(inOrder ? dead : applied);
        shelf.execute("delete from progress");
        write(inOrder ? applied : dead);

        assertThat(shelf.query("select outcome, type, lane from event_outcomes"))
                .containsExactly(Map.of("outcome", "completed", "type", "score.add", "lane", "ann"));
    }

    private static ChangeEntry ended(String id, long epoch, EventEnded event) {
        return new ChangeEntry(2, StreamId.parse(id), new Change(epoch, Instant.EPOCH, List.of(), List.of(), List.of(event)));
    }

    @Test
    void progressNeverGoesBackwardsAndOrdersIdsAsNumbers() {
        write(change(0, "100-10", 40, state(1, 50)));
        write(change(0, "100-9", 60, state(2, 60)));
        write(change(0, "99-0", 55, state(3, 70)));

        assertThat(shelf.single("select change_id from progress")).isEqualTo("100-10");
        assertThat(shelf.single("select version from progress")).isEqualTo("70");
        assertThat(shelf.single("select score from leaderboard")).isEqualTo("3");
    }

    @Test
    void progressTellsNamespacesAndPartitionsApart() {
        World world = new World(7, 3);
        write(world.next(0, 3), world.next(1, 3), world.next(0, 3), world.next(63, 3));

        Map<Integer, StreamId> found = shelf.rows("progress").stream()
                .collect(Collectors.toMap(row -> Integer.valueOf(row.get("partition")), row -> StreamId.parse(row.get("change_id"))));
        assertThat(found).isEqualTo(world.lastChanges());
        assertThat(shelf.query("select distinct namespace, generation from progress"))
                .containsExactly(Map.of("namespace", "mr", "generation", "7"));
    }

    @Test
    void anEmptyChangeMovesProgressOnly() {
        Written written = write(new ChangeEntry(5, StreamId.parse("8-0"), new Change(3, Instant.EPOCH, List.of(), List.of(), List.of())));

        assertThat(written).isEqualTo(Written.NOTHING);
        assertThat(shelf.single("select change_id from progress where partition = 5")).isEqualTo("8-0");
    }

    private Written write(ChangeEntry... changes) {
        return shelf.books.write(Batch.of(Shelf.IDS, List.of(changes)));
    }

    private static PlayerChange state(long score, long version) {
        return new PlayerChange(ANN, new PlayerState(score, "EU", "all", version, StreamId.parse("9-0"), StreamId.parse("9-0"), null),
                null);
    }

    private static ChangeEntry change(int partition, String id, long epoch, PlayerChange... players) {
        return new ChangeEntry(partition, StreamId.parse(id), new Change(epoch, Instant.EPOCH, List.of(players), List.of(), List.of()));
    }
}
