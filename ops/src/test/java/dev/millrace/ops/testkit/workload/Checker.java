package dev.millrace.ops.testkit.workload;

import dev.millrace.ops.testkit.workload.History.Accepted;
import dev.millrace.ops.testkit.workload.History.BoardName;
import dev.millrace.ops.testkit.workload.History.BookRow;
import dev.millrace.ops.testkit.workload.History.Completed;
import dev.millrace.ops.testkit.workload.History.Dead;
import dev.millrace.ops.testkit.workload.History.Ranked;
import dev.millrace.ops.testkit.workload.Violation.Promise;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.ScoreData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares what was promised with what became of it. */
public final class Checker {
    private final History history;
    /** By place; grows by those open events that turn out to have been accepted. */
    private final Map<EventRef, Accepted> accepted = new LinkedHashMap<>();
    private final List<ScoreEvent> open;
    private final Map<String, Violation> findings = new LinkedHashMap<>();

    private Checker(History history) {
        this.history = history;
        this.open = new ArrayList<>(history.open());
    }

    /** Every promise that was broken; empty if all were kept. */
    public static List<Violation> check(History history) {
        Checker checker = new Checker(history);
        checker.onceAccepted();
        checker.knownEffects();
        checker.nothingLost();
        checker.onceWorked();
        checker.effectsAddUp();
        checker.lanesInOrder();
        checker.booksAndBoards();
        checker.drained();
        return List.copyOf(checker.findings.values());
    }

    private void onceAccepted() {
        Map<Long, Accepted> bySequence = new HashMap<>();
        for (Accepted one : history.accepted()) {
            accepted.put(one.place(), one);
            @Nullable Accepted other = bySequence.putIfAbsent(one.event().sequence(), one);
            if (other != null) {
                report(Promise.B, "accepted twice", one + " and " + other.eventId());
            }
        }
    }

    /** Effects of events that nobody was told of must be those of open ones, which then count as accepted. */
    private void knownEffects() {
        for (Completed row : history.completed()) {
            adopt(row.eventId(), row.place(), row, event -> event.player().equals(row.player()) && event.op() == row.op()
                    && event.data().value() == row.amount());
        }
        for (Dead row : history.dead()) {
            adopt(row.eventId(), row.place(), row,
                    event -> event.op().type().equals(row.type()) && event.data().player().equals(row.lane()));
        }
    }

    private void adopt(String eventId, @Nullable EventRef place, Object row, Function<ScoreEvent, Boolean> matches) {
        if (place != null && accepted.containsKey(place)) {
            return;
        }
        @Nullable ScoreEvent event = place == null ? null : open.stream().filter(matches::apply).findFirst().orElse(null);
        if (event == null) {
            report(Promise.B, "effect of no event", row + " is of no event that was sent");
        } else {
            open.remove(event);
            accepted.put(place, new Accepted(event, eventId, place));
        }
    }

    private void nothingLost() {
        Set<EventRef> completed = places(history.completed(), Completed::place);
        Set<EventRef> dead = places(history.dead(), Dead::place);
        for (Accepted one : accepted.values()) {
            if (!completed.contains(one.place()) && !dead.contains(one.place())) {
                report(Promise.A, "lost", one + " is neither completed nor dead");
            }
        }
        Set<EventRef> letters = new HashSet<>(history.deadLetters());
        for (EventRef place : dead) {
            if (!letters.contains(place)) {
                report(Promise.A, "no dead letter", "the event at " + place + " was given up and has no dead letter");
            }
        }
        for (EventRef place : letters) {
            if (!dead.contains(place)) {
                report(Promise.A, "dead letter without a row", "the books do not say that the event at " + place + " was given up");
            }
        }
    }

    private void onceWorked() {
        Set<String> seen = new HashSet<>();
        for (String eventId : concat(history.completed(), Completed::eventId, history.dead(), Dead::eventId)) {
            if (!seen.add(eventId)) {
                report(Promise.B, "ended twice", "event " + eventId + " ended more than once");
            }
        }
        Set<EventRef> letters = new HashSet<>();
        for (EventRef place : history.deadLetters()) {
            if (!letters.add(place)) {
                report(Promise.B, "two dead letters", "the event at " + place + " has more than one dead letter");
            }
        }
    }

    /** Each row's score must follow from the row before it in its lane: what happened more or less than once leaves a gap there. */
    private void effectsAddUp() {
        Set<EventRef> ended = places(history.completed(), Completed::place);
        ended.addAll(places(history.dead(), Dead::place));
        Set<PlayerKey> torn = accepted.values().stream().filter(one -> !ended.contains(one.place())).map(one -> one.event().player())
                .collect(Collectors.toSet());
        lanes().forEach((player, rows) -> {
            if (!torn.contains(player)) {
                effectsAddUp(rows);
            }
        });
    }

    private void effectsAddUp(List<Completed> rows) {
        @Nullable Long before = null;
        for (Completed row : rows) {
            ScoreData data = new ScoreData(row.player().player(), row.amount(), row.player().board(), ScoreData.GLOBAL, null);
            OptionalLong after = Model.scoreAfter(new ScoreEvent(0, row.player().client(), row.op(), data), before);
            if (after.isEmpty() || after.getAsLong() != row.score()) {
                report(Promise.B, "effects do not add up", row + " does not follow from a score of " + before);
            }
            before = row.score();
        }
    }

    private void lanesInOrder() {
        lanes().forEach((player, rows) -> {
            @Nullable Completed before = null;
            for (Completed row : rows) {
                if (before != null) {
                    inOrder(before, row);
                }
                before = row;
            }
        });
    }

    private void inOrder(Completed before, Completed row) {
        if (before.version() == row.version()) {
            report(Promise.C, "one version twice", before + " and " + row);
        }
        if (before.place() == null || row.place() == null) {
            return;
        }
        if (before.place().id().compareTo(row.place().id()) > 0) {
            report(Promise.C, "against the order of acceptance", before + " was worked before " + row);
        }
        @Nullable Accepted first = accepted.get(before.place());
        @Nullable Accepted second = accepted.get(row.place());
        if (first != null && second != null && first.event().sequence() > second.event().sequence()) {
            report(Promise.C, "against the order of sending", first + " was worked before " + second);
        }
    }

    private void booksAndBoards() {
        Model model = new Model();
        accepted.values().stream().sorted(Comparator.comparing(one -> one.place().id()))
                .forEach(one -> model.apply(one.place().id(), one.event()));
        books(model);
        Set<BoardName> names = new LinkedHashSet<>(history.boards().keySet());
        for (Accepted one : accepted.values()) {
            names.add(new BoardName(one.event().data().board(), ScoreData.GLOBAL));
            names.add(new BoardName(one.event().data().board(), one.event().data().region()));
        }
        for (BoardName name : names) {
            List<Ranked> expected = model.ranked(name.board(), name.region()).stream()
                    .map(one -> new Ranked(one.key().player(), one.score(), one.achieved(), one.name())).toList();
            compare("board " + name.board() + "/" + name.region(), expected, history.boards().getOrDefault(name, List.of()),
                    Ranked::player);
        }
    }

    private void books(Model model) {
        Set<String> boards = new TreeSet<>();
        accepted.values().forEach(one -> boards.add(one.event().data().board()));
        history.books().forEach(row -> boards.add(row.player().board()));
        for (String board : boards) {
            List<BookRow> expected = model.ranked(board, ScoreData.GLOBAL).stream()
                    .map(one -> new BookRow(one.key(), one.region(), one.name(), one.score(), one.achieved(), one.last().toString()))
                    .toList();
            List<BookRow> actual = history.books().stream().filter(row -> row.player().board().equals(board)).toList();
            compare("books of " + board, expected, actual, row -> row.player().player());
        }
    }

    private <T> void compare(String what, List<T> expected, List<T> actual, Function<T, String> player) {
        Map<String, T> left = new LinkedHashMap<>();
        for (T one : actual) {
            if (left.put(player.apply(one), one) != null) {
                report(Promise.D, what + ": twice", what + " have player " + player.apply(one) + " twice");
            }
        }
        boolean same = true;
        for (T one : expected) {
            @Nullable T found = left.remove(player.apply(one));
            if (!one.equals(found)) {
                same = false;
                report(Promise.D, what, what + ": " + (found == null ? "nothing" : found) + " where the model has " + one);
            }
        }
        for (T one : left.values()) {
            same = false;
            report(Promise.D, what + ": too much", what + ": " + one + " of which the model knows nothing");
        }
        if (same && !expected.equals(actual)) {
            int at = 0;
            while (expected.get(at).equals(actual.get(at))) {
                at++;
            }
            report(Promise.D, what + ": ranks",
                    what + ": " + actual.get(at) + " at rank " + (at + 1) + " where the model has " + expected.get(at));
        }
    }

    private void drained() {
        if (history.lag().took().isEmpty()) {
            report(Promise.E, "not drained", "still to do: " + history.lag().left());
        }
    }

    /** Completed rows by lane, in the order in which they were worked. */
    private Map<PlayerKey, List<Completed>> lanes() {
        return history.completed().stream().sorted(Comparator.comparingLong(Completed::version))
                .collect(Collectors.groupingBy(Completed::player, LinkedHashMap::new, Collectors.toList()));
    }

    private void report(Promise promise, String kind, String example) {
        findings.merge(promise + kind, new Violation(promise, 1, example),
                (first, again) -> new Violation(promise, first.times() + 1, first.example()));
    }

    private static <T> Set<EventRef> places(Collection<T> rows, Function<T, @Nullable EventRef> place) {
        Set<EventRef> places = new HashSet<>();
        for (T row : rows) {
            @Nullable EventRef at = place.apply(row);
            if (at != null) {
                places.add(at);
            }
        }
        return places;
    }

    private static <S, T> List<String> concat(List<S> some, Function<S, String> ofSome, List<T> more, Function<T, String> ofMore) {
        List<String> all = new ArrayList<>(some.stream().map(ofSome).toList());
        all.addAll(more.stream().map(ofMore).toList());
        return all;
    }
}
