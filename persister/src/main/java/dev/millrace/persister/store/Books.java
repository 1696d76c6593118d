package dev.millrace.persister.store;

import static dev.millrace.schema.jooq.Tables.EVENTS;
import static dev.millrace.schema.jooq.Tables.LEADERBOARD;
import static dev.millrace.schema.jooq.Tables.PROGRESS;
import static dev.millrace.schema.jooq.Tables.SCORE_EVENTS;
import static org.jooq.impl.DSL.any;
import static org.jooq.impl.DSL.asterisk;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.splitPart;
import static org.jooq.impl.DSL.val;
import static org.jooq.impl.DSL.when;

import dev.millrace.persister.batch.Batch;
import dev.millrace.persister.batch.EventRow;
import dev.millrace.persister.batch.PartitionProgress;
import dev.millrace.persister.batch.ScoreRow;
import dev.millrace.schema.change.PlayerChange;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Namespace;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Row2;
import org.jooq.impl.SQLDataType;

/**
 * Writes batches. However often a batch comes, in whatever order, and whoever else writes at the same time, the books end up the same: the
 * newest state of each player, each event once, with its latest end.
 */
public final class Books {
    private final Database database;
    private final String namespace;
    private final String generation;

    /**
     * Makes the writer of one namespace.
     *
     * @param namespace whose changes are written; its name and generation tell its progress from that of others
     */
    public Books(Database database, Namespace namespace) {
        this.database = database;
        this.namespace = namespace.keys().namespace();
        this.generation = Integer.toString(namespace.generation());
    }

    /**
     * Writes a batch in one transaction, with how far it gets in each partition.
     *
     * @throws StoreUnavailableException if the same may succeed later; whether it was committed is unknown where the connection broke
     * @throws PoisonBatchException if Postgres refuses the batch; nothing of it was written
     */
    public Written write(Batch batch) {
        return database.transaction(sql -> {
            Batch missing = batch.without(progress(sql, batch.progress()));
            if (missing.isEmpty()) {
                return Written.NOTHING;
            }
            int players = writePlayers(sql, missing.players());
            int events = writeScores(sql, missing.scores()) + writeEvents(sql, missing.events());
            writeProgress(sql, missing.progress());
            return new Written(players, events);
        });
    }

    /** Reads and locks, in the order of partitions. */
    private Map<Integer, PartitionProgress> progress(DSLContext sql, List<PartitionProgress> asked) {
        Integer[] partitions = asked.stream().map(PartitionProgress::partition).toArray(Integer[]::new);
        return sql.select(PROGRESS.PARTITION, PROGRESS.CHANGE_ID, PROGRESS.VERSION).from(PROGRESS)
                .where(PROGRESS.NAMESPACE.eq(namespace), PROGRESS.GENERATION.eq(generation), PROGRESS.PARTITION.eq(any(partitions)))
                .orderBy(PROGRESS.PARTITION).forUpdate()
                .fetch(found -> new PartitionProgress(found.value1(), StreamId.parse(found.value2()), found.value3())).stream()
                .collect(Collectors.toMap(PartitionProgress::partition, found -> found));
    }

    private static int writePlayers(DSLContext sql, List<PlayerChange> players) {
        if (players.isEmpty()) {
            return 0;
        }
        Columns<PlayerChange> columns = new Columns<>(players);
        columns.add(LEADERBOARD.CLIENT_ID, player -> player.key().client());
        columns.add(LEADERBOARD.BOARD, player -> player.key().board());
        columns.add(LEADERBOARD.SEASON, player -> player.state().season());
        columns.add(LEADERBOARD.USER_ID, player -> player.key().player());
        columns.add(LEADERBOARD.NAME, player -> player.state().name());
        columns.add(LEADERBOARD.REGION, player -> player.state().region());
        columns.add(LEADERBOARD.SCORE, player -> player.state().score());
        columns.add(LEADERBOARD.ACHIEVED_AT, player -> player.state().achieved().time());
        columns.add(LEADERBOARD.ACHIEVED_ID, player -> player.state().achieved().packed());
        columns.add(LEADERBOARD.LAST_ID, player -> player.state().lastApplied().toString());
        columns.add(LEADERBOARD.VERSION, player -> player.state().version());
        return sql.insertInto(LEADERBOARD, columns.fields()).select(select(asterisk()).from(columns.table()))
                .onConflict(LEADERBOARD.CLIENT_ID, LEADERBOARD.BOARD, LEADERBOARD.SEASON, LEADERBOARD.USER_ID).doUpdate()
                .set(LEADERBOARD.NAME, excluded(LEADERBOARD.NAME)).set(LEADERBOARD.REGION, excluded(LEADERBOARD.REGION))
                .set(LEADERBOARD.SCORE, excluded(LEADERBOARD.SCORE)).set(LEADERBOARD.ACHIEVED_AT, excluded(LEADERBOARD.ACHIEVED_AT))
                .set(LEADERBOARD.ACHIEVED_ID, excluded(LEADERBOARD.ACHIEVED_ID)).set(LEADERBOARD.LAST_ID, excluded(LEADERBOARD.LAST_ID))
                .set(LEADERBOARD.VERSION, excluded(LEADERBOARD.VERSION)).set(LEADERBOARD.UPDATED_AT, currentInstant())
                .where(LEADERBOARD.VERSION.lt(excluded(LEADERBOARD.VERSION))).execute();
    }

    private static int writeScores(DSLContext sql, List<ScoreRow> scores) {
        if (scores.isEmpty()) {
            return 0;
        }
        Columns<ScoreRow> columns = new Columns<>(scores);
        columns.add(SCORE_EVENTS.EVENT_ID, ScoreRow::eventId);
        columns.add(SCORE_EVENTS.CLIENT_ID, row -> row.score().key().client());
        columns.add(SCORE_EVENTS.BOARD, row -> row.score().key().board());
        columns.add(SCORE_EVENTS.SEASON, row -> row.score().season());
        columns.add(SCORE_EVENTS.USER_ID, row -> row.score().key().player());
        columns.add(SCORE_EVENTS.REGION, row -> row.score().region());
        columns.add(SCORE_EVENTS.OP, row -> row.score().op().word());
        columns.add(SCORE_EVENTS.AMOUNT, row -> row.score().amount());
        columns.add(SCORE_EVENTS.SCORE, row -> row.score().score());
        columns.add(SCORE_EVENTS.VERSION, row -> row.score().version());
        columns.add(SCORE_EVENTS.ACCEPTED_AT, ScoreRow::acceptedAt);
        columns.add(SCORE_EVENTS.APPLIED_AT, ScoreRow::appliedAt);
        return sql.insertInto(SCORE_EVENTS, columns.fields()).select(select(asterisk()).from(columns.table())).onConflictDoNothing()
                .execute();
    }

    private static int writeEvents(DSLContext sql, List<EventRow> events) {
        if (events.isEmpty()) {
            return 0;
        }
        Columns<EventRow> columns = new Columns<>(events);
        columns.add(EVENTS.EVENT_ID, EventRow::eventId);
        columns.add(EVENTS.CLIENT_ID, row -> row.event().client());
        columns.add(EVENTS.TYPE, row -> row.event().type());
        columns.add(EVENTS.LANE, row -> row.event().lane());
        columns.add(EVENTS.OUTCOME, row -> row.event().outcome().name().toLowerCase(Locale.ROOT));
        columns.add(EVENTS.ATTEMPTS, row -> row.event().attempts());
        columns.add(EVENTS.ERROR, EventRow::error);
        columns.add(EVENTS.ACCEPTED_AT, EventRow::acceptedAt);
        columns.add(EVENTS.COMPLETED_AT, EventRow::completedAt);
        columns.add(EVENTS.EPOCH, EventRow::epoch);
        columns.add(EVENTS.CHANGE_ID, row -> row.change().packed());
        return sql.insertInto(EVENTS, columns.fields()).select(select(asterisk()).from(columns.table()))
                .onConflict(EVENTS.EVENT_ID, EVENTS.ACCEPTED_AT).doUpdate().set(EVENTS.OUTCOME, excluded(EVENTS.OUTCOME))
                .set(EVENTS.ATTEMPTS, excluded(EVENTS.ATTEMPTS)).set(EVENTS.ERROR, excluded(EVENTS.ERROR))
                .set(EVENTS.COMPLETED_AT, excluded(EVENTS.COMPLETED_AT)).set(EVENTS.EPOCH, excluded(EVENTS.EPOCH))
                .set(EVENTS.CHANGE_ID, excluded(EVENTS.CHANGE_ID))
                .where(row(EVENTS.EPOCH, EVENTS.CHANGE_ID).lt(row(excluded(EVENTS.EPOCH), excluded(EVENTS.CHANGE_ID)))).execute();
    }

    /** Never backwards: neither the id nor the version. */
    private void writeProgress(DSLContext sql, List<PartitionProgress> progress) {
        Columns<PartitionProgress> columns = new Columns<>(progress);
        columns.add(PROGRESS.NAMESPACE, _ -> namespace);
        columns.add(PROGRESS.GENERATION, _ -> generation);
        columns.add(PROGRESS.PARTITION, PartitionProgress::partition);
        columns.add(PROGRESS.CHANGE_ID, sofar -> sofar.changeId().toString());
        columns.add(PROGRESS.VERSION, PartitionProgress::version);
        Field<String> newId = excluded(PROGRESS.CHANGE_ID);
        sql.insertInto(PROGRESS, columns.fields()).select(select(asterisk()).from(columns.table()))
                .onConflict(PROGRESS.NAMESPACE, PROGRESS.GENERATION, PROGRESS.PARTITION).doUpdate()
                .set(PROGRESS.CHANGE_ID, when(parts(newId).gt(parts(PROGRESS.CHANGE_ID)), newId).otherwise(PROGRESS.CHANGE_ID))
                .set(PROGRESS.VERSION, greatest(PROGRESS.VERSION, excluded(PROGRESS.VERSION))).set(PROGRESS.UPDATED_AT, currentInstant())
                .execute();
    }

    /** A stream id as numbers, because as text 9-0 would come after 10-0. */
    private static Row2<Long, Long> parts(Field<String> id) {
        return row(splitPart(id, val("-"), val(1)).cast(SQLDataType.BIGINT), splitPart(id, val("-"), val(2)).cast(SQLDataType.BIGINT));
    }
}
