package dev.millrace.persister.batch;

import dev.millrace.schema.change.EventEnded;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.ScoreApplied;
import dev.millrace.schema.event.EventIds;
import dev.millrace.schema.event.EventRef;
import dev.millrace.schema.event.Priority;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows of one transaction, made of changes of any number of partitions.
 *
 * <p>
 * Each list is sorted by its table's primary key, byte by byte as the tables compare, so that transactions that meet take their locks in one
 * order and can't deadlock. A player appears once, in the newest state, because a statement may not touch a row twice.
 */
public final class Batch {
    // Names are ASCII, whose order as Java strings is that of their bytes.
    private static final Comparator<PlayerChange> BY_KEY = Comparator.comparing((PlayerChange player) -> player.key().client())
            .thenComparing(player -> player.key().board()).thenComparing(player -> player.state().season())
            .thenComparing(player -> player.key().player());

    private final EventIds ids;
    private final List<ChangeEntry> changes;
    private final List<PlayerChange> players;
    private final List<ScoreRow> scores;
    private final List<EventRow> events;
    private final List<PartitionProgress> progress;

    private Batch(EventIds ids, List<ChangeEntry> changes) {
        this.ids = ids;
        this.changes = List.copyOf(changes);
        this.players = newestStates(changes);
        this.scores = scoreRows(ids, changes);
        this.events = eventRows(ids, changes);
        this.progress = progressOf(changes);
    }

    /**
     * Makes the rows.
     *
     * @param ids of the namespace that the changes come from
     * @param changes in any order
     */
    public static Batch of(EventIds ids, List<ChangeEntry> changes) {
        return new Batch(ids, changes);
    }

    /** The batch without the changes that are in the books already; this very batch where there are none. */
    public Batch without(Map<Integer, PartitionProgress> written) {
        List<ChangeEntry> missing = changes.stream().filter(entry -> {
            PartitionProgress sofar = written.get(entry.partition());
            return sofar == null || !sofar.covers(entry);
        }).toList();
        return missing.size() == changes.size() ? this : new Batch(ids, missing);
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Each player of a board's season once, by (client, board, season, player). */
    public List<PlayerChange> players() {
        return players;
    }

    /** By (event id, time of acceptance). */
    public List<ScoreRow> scores() {
        return scores;
    }

    /** Each event once, as it ended last, by (event id, time of acceptance). */
    public List<EventRow> events() {
        return events;
    }

    /** How far the books will have got, by partition. */
    public List<PartitionProgress> progress() {
        return progress;
    }

    private static List<PlayerChange> newestStates(List<ChangeEntry> changes) {
        Map<Row, PlayerChange> newest = new HashMap<>();
        for (ChangeEntry entry : changes) {
            for (PlayerChange player : entry.change().players()) {
                newest.merge(new Row(player.key(), player.state().season()), player,
                        (one, other) -> one.state().version() > other.state().version() ? one : other);
            }
        }
        return newest.values().stream().sorted(BY_KEY).toList();
    }

    private static List<ScoreRow> scoreRows(EventIds ids, List<ChangeEntry> changes) {
        List<ScoreRow> rows = new ArrayList<>();
        for (ChangeEntry entry : changes) {
            for (ScoreApplied score : entry.change().applied()) {
                String id = ids.encode(score.key().client(), EventRef.of(entry.partition(), Priority.NORMAL, score.id(), score.origin()));
                rows.add(new ScoreRow(id, score, entry.change().appliedAt()));
            }
        }
        rows.sort(Comparator.comparing(ScoreRow::eventId).thenComparing(ScoreRow::acceptedAt));
        return List.copyOf(rows);
    }

    private static List<EventRow> eventRows(EventIds ids, List<ChangeEntry> changes) {
        Map<String, EventRow> latest = new HashMap<>();
        for (ChangeEntry entry : changes) {
            for (EventEnded event : entry.change().ended()) {
                String id = ids.encode(event.client(), EventRef.of(entry.partition(), event.priority(), event.id(), event.origin()));
                latest.merge(id, new EventRow(id, event, entry.change().appliedAt(), entry.change().epoch(), entry.id()),
                        (one, other) -> one.isLaterThan(other) ? one : other);
            }
        }
        return latest.values().stream().sorted(Comparator.comparing(EventRow::eventId).thenComparing(EventRow::acceptedAt)).toList();
    }

    private static List<PartitionProgress> progressOf(List<ChangeEntry> changes) {
        Map<Integer, PartitionProgress> furthest = new TreeMap<>();
        for (ChangeEntry entry : changes) {
            furthest.merge(entry.partition(), new PartitionProgress(entry.partition(), entry.id(), entry.version()),
                    (sofar, _) -> sofar.with(entry));
        }
        return List.copyOf(furthest.values());
    }

    /** What makes a row of the boards one row. */
    private record Row(PlayerKey key, String season) {}
}
