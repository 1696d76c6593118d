package dev.millrace.ops.testkit.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.workload.History.Accepted;
import dev.millrace.ops.testkit.workload.History.BoardName;
import dev.millrace.ops.testkit.workload.History.BookRow;
import dev.millrace.ops.testkit.workload.History.Completed;
import dev.millrace.ops.testkit.workload.History.Dead;
import dev.millrace.ops.testkit.workload.History.Lag;
import dev.millrace.ops.testkit.workload.History.Ranked;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.event.ScoreOp;
import dev.millrace.schema.event.StreamId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each test but the first few breaks a good history in one way: a checker that does not tell would prove nothing elsewhere. */
final class CheckerTest {
    private static final BoardName WHOLE = new BoardName("main", "GLOBAL");

    private final List<Accepted> accepted = new ArrayList<>();
    private final List<ScoreEvent> open = new ArrayList<>();
    private final List<Completed> completed = new ArrayList<>();
    private final List<Dead> dead = new ArrayList<>();
    private final List<EventRef> deadLetters = new ArrayList<>();
    private final List<BookRow> books = new ArrayList<>();
    private final Map<BoardName, List<Ranked>> boards = new HashMap<>();
    private Lag lag = new Lag(Optional.of(Duration.ofSeconds(1)), "");

    CheckerTest() {
        accept(1, "ada", ScoreOp.SET, 10, "EU");
        accept(2, "bob", ScoreOp.ADD, 10, "EU");
        accept(3, "ada", ScoreOp.ADD, 5, "EU");
        accept(4, "ada", ScoreOp.BEST, 12, "EU");
        accept(5, "cat", ScoreOp.SET, ScoreData.MAX_SCORE, "GLOBAL");
        accept(6, "cat", ScoreOp.ADD, 1, "GLOBAL");
        accept(7, "ada", ScoreOp.ADD, -5, "EU");
        work(accepted);
        showModel(accepted);
    }

    @Test
    void aGoodHistoryIsGood() {
        assertThat(check()).isEmpty();
        assertThat(completed).hasSize(6);
        assertThat(dead).hasSize(1);
        assertThat(boards.get(WHOLE)).extracting(Ranked::player).as("a tie, and bob was there first").containsExactly("cat", "bob", "ada");
    }

    @Test
    void aGoodHistoryOfARandomWorkloadIsGood() {
        accepted.clear();
        for (ScoreEvent event : new Workload("acme", 20, 7).events(2_000)) {
            accepted.add(accepted(event));
        }
        work(accepted);
        showModel(accepted);
        assertThat(check()).isEmpty();
        assertThat(dead).isNotEmpty();
    }

    @Test
    void anOpenEventMayHaveHadItsEffectOrNot() {
        open.add(accepted.removeLast().event());
        assertThat(check()).isEmpty();

        completed.removeLast();
        showModel(accepted);
        assertThat(check()).isEmpty();
    }

    @Test
    void anOpenEventMayBeDead() {
        open.add(accepted.remove(5).event());
        assertThat(check()).isEmpty();
    }

    @Test
    void aLostEventBreaksA() {
        completed.removeIf(row -> row.eventId().equals("id7"));
        showModel(accepted.subList(0, 6));
        assertThat(check()).containsExactlyInAnyOrder(Promise.A, Promise.D);
    }

    @Test
    void aLostRowBreaksA() {
        completed.removeIf(row -> row.eventId().equals("id3"));
        assertThat(check()).containsExactly(Promise.A);
    }

    @Test
    void aLostDeadLetterBreaksA() {
        deadLetters.clear();
        assertThat(check()).containsExactly(Promise.A);
    }

    @Test
    void aDeadLetterThatTheBooksDoNotKnowBreaksA() {
        dead.clear();
        assertThat(check()).containsExactly(Promise.A);
    }

    @Test
    void anEffectThatHappenedTwiceBreaksB() {
        List<Accepted> twice = new ArrayList<>(accepted);
        twice.add(3, accepted.get(2));
        work(twice);
        completed.remove(3);
        showModel(twice);
        assertThat(check()).containsExactlyInAnyOrder(Promise.B, Promise.D);
    }

    @Test
    void twoRowsForOneEventBreakB() {
        completed.add(new Completed("id2", completed.get(1).place(), completed.get(1).player(), ScoreOp.SET, 10, 10, 200));
        assertThat(check()).containsExactly(Promise.B);
    }

    @Test
    void anEventThatWasAppendedAgainBreaksB() {
        ScoreEvent event = accepted.get(2).event();
        Accepted again = new Accepted(event, "id3again", place(8));
        List<Accepted> appended = new ArrayList<>(accepted);
        appended.add(again);
        work(appended);
        showModel(appended);
        assertThat(check()).as("nobody was told").containsExactlyInAnyOrder(Promise.B, Promise.D);

        accepted.add(again);
        assertThat(check()).as("two answers for one event").containsExactlyInAnyOrder(Promise.B, Promise.C);
    }

    @Test
    void anEventThatIsBothCompletedAndDeadBreaksB() {
        dead.add(new Dead("id1", place(1), "score.set", "ada"));
        deadLetters.add(place(1));
        assertThat(check()).containsExactly(Promise.B);
    }

    @Test
    void twoDeadLettersForOneEventBreakB() {
        deadLetters.add(deadLetters.getFirst());
        assertThat(check()).containsExactly(Promise.B);
    }

    @Test
    void aSkippedEffectBreaksB() {
        completed.replaceAll(row -> row.eventId().equals("id3") ? withScore(row, 10) : row);
        assertThat(check()).containsExactly(Promise.B);
    }

    @Test
    void swappedEventsBreakC() {
        List<Accepted> swapped = new ArrayList<>(accepted);
        swapped.add(swapped.remove(3));
        work(swapped);
        assertThat(check()).containsExactly(Promise.C);
        showModel(swapped);
        assertThat(check()).containsExactlyInAnyOrder(Promise.C, Promise.D);
    }

    @Test
    void eventsAcceptedInAnotherOrderThanTheyWereSentBreakC() {
        List<Accepted> late = new ArrayList<>(accepted);
        accepted.clear();
        for (int i = 0; i < late.size(); i++) {
            int from = i == 2 ? 3 : i == 3 ? 2 : i;
            accepted.add(new Accepted(late.get(from).event(), "id" + (i + 1), place(i + 1)));
        }
        work(accepted);
        showModel(accepted);
        assertThat(check()).containsExactly(Promise.C);
    }

    @Test
    void oneVersionForTwoEffectsBreaksC() {
        completed.replaceAll(row -> row.eventId().equals("id4") ? withVersion(row, completed.get(2).version()) : row);
        assertThat(check()).containsExactly(Promise.C);
    }

    @Test
    void aWrongScoreOnABoardBreaksD() {
        boards.get(WHOLE).set(2, new Ranked("ada", 11, 7L << 16, null));
        assertThat(check()).containsExactly(Promise.D);
    }

    @Test
    void aTieInTheWrongOrderBreaksD() {
        boards.get(WHOLE).add(boards.get(WHOLE).remove(1));
        assertThat(check()).containsExactly(Promise.D);
    }

    @Test
    void aPlayerOfAnotherRegionOnABoardBreaksD() {
        boards.get(new BoardName("main", "EU")).add(new Ranked("cat", 1, 1, null));
        assertThat(check()).containsExactly(Promise.D);
    }

    @Test
    void aBoardThatIsMissingBreaksD() {
        boards.remove(new BoardName("main", "EU"));
        assertThat(check()).containsExactly(Promise.D);
    }

    @Test
    void anOldRowInTheBooksBreaksD() {
        BookRow row = books.get(2);
        books.set(2, new BookRow(row.player(), row.region(), row.name(), 15, 3L << 16, "3-0"));
        assertThat(check()).containsExactly(Promise.D);
    }

    @Test
    void booksInAnotherOrderBreakD() {
        books.add(books.remove(1));
        assertThat(check()).containsExactly(Promise.D);
    }

    @Test
    void aRowOfNobodyBreaksD() {
        books.add(new BookRow(new PlayerKey("acme", "main", "eve"),
                "EU", null, 1, 1, "1-0"));
        assertThat(check()).containsExactly(Promise.D);
    }

    @Test
    void workThatIsLeftBreaksE() {
        lag = new Lag(Optional.empty(), "1 event");
        assertThat(check()).containsExactly(Promise.E);
    }

    @Test
    void aViolationSaysWhatHappened() {
        completed.removeIf(row -> row.eventId().equals("id3"));
        assertThat(Checker.check(history())).singleElement()
                .hasToString("A broken 1 time: " + accepted.get(2) + " is neither completed nor dead");
    }

    private List<Promise> check() {
        return Checker.check(history()).stream().map(Violation::promise).distinct().toList();
    }

    private History history() {
        return new History(accepted, open, completed, dead, deadLetters, books, boards, lag);
    }

    private void accept(long sequence, String player, ScoreOp op, long value, String region) {
        accepted.add(accepted(new ScoreEvent(sequence, "acme", op, new ScoreData(player, value, "main", region, null))));
    }

    private static Accepted accepted(ScoreEvent event) {
        return new Accepted(event, "id" + event.sequence(), place(event.sequence()));
    }

    private static EventRef place(long sequence) {
        return new EventRef(0, Priority.NORMAL, new StreamId(sequence, 0));
    }

    /** Writes the history as an engine would that works these in this order. */
    private void work(List<Accepted> order) {
        completed.clear();
        dead.clear();
        deadLetters.clear();
        Map<String, Long> scores = new HashMap<>();
        long version = 100;
        for (Accepted one : order) {
            String player = one.event().data().player();
            OptionalLong score = Model.scoreAfter(one.event(), scores.get(player));
            if (score.isEmpty()) {
                dead.add(new Dead(one.eventId(), one.place(), one.event().op().type(), player));
                deadLetters.add(one.place());
            } else {
                scores.put(player, score.getAsLong());
                completed.add(new Completed(one.eventId(), one.place(), one.event().player(), one.event().op(), one.event().data().value(),
                        score.getAsLong(), version));
                version++;
            }
        }
    }

    /** Makes boards and books say what comes of these in this order. */
    private void showModel(List<Accepted> order) {
        Model model = new Model();
        order.forEach(one -> model.apply(one.place().id(), one.event()));
        books.clear();
        for (Model.Standing one : model.ranked("main", "GLOBAL")) {
            books.add(new BookRow(one.key(), one.region(), one.name(), one.score(), one.achieved(), one.last().toString()));
        }
        boards.clear();
        Set<String> regions = order.stream().map(one -> one.event().data().region()).collect(Collectors.toSet());
        regions.add("GLOBAL");
        for (String region : regions) {
            List<Ranked> ranked = new ArrayList<>();
            for (Model.Standing one : model.ranked("main", region)) {
                ranked.add(new Ranked(one.key().player(), one.score(), one.achieved(), one.name()));
            }
            boards.put(new BoardName("main", region), ranked);
        }
    }

    private static Completed withScore(Completed row, long score) {
        return new Completed(row.eventId(), row.place(), row.player(), row.op(), row.amount(), score, row.version());
    }

    private static Completed withVersion(Completed row, long version) {
        return new Completed(row.eventId(), row.place(), row.player(), row.op(), row.amount(), row.score(), version);
    }
}
