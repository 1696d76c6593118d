package dev.millrace.persister.store;

import static dev.millrace.schema.jooq.Tables.LEADERBOARD;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.partitionBy;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.rowNumber;
import static org.jooq.impl.DSL.select;

import dev.millrace.schema.board.Board;
import dev.millrace.schema.board.Line;
import dev.millrace.schema.board.Line.Spot;
import dev.millrace.schema.board.Rankings;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.settings.DatabaseSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.OrderField;
import org.jooq.Record;
import org.jooq.Record2;
import org.jooq.SelectField;
import org.jooq.Table;

/**
 * Reads boards from the books, which are behind the live ones by what was not written yet. A rank is counted, so it takes the longer the more
 * stand before it. Methods throw {@link StoreUnavailableException} if Postgres is away or takes too long.
 */
public final class PostgresRankings implements Rankings, AutoCloseable {
    private static final List<SelectField<?>> LINE = List.of(LEADERBOARD.USER_ID, LEADERBOARD.NAME, LEADERBOARD.REGION,
            LEADERBOARD.SCORE, LEADERBOARD.ACHIEVED_ID);
    private static final List<OrderField<?>> BEST_FIRST = List.of(LEADERBOARD.SCORE.desc(), LEADERBOARD.ACHIEVED_ID.asc(),
            LEADERBOARD.USER_ID.asc());
    private static final List<OrderField<?>> BEST_LAST = List.of(LEADERBOARD.SCORE.asc(), LEADERBOARD.ACHIEVED_ID.desc(),
            LEADERBOARD.USER_ID.desc());

    private final Database database;

    /** Makes a reader with connections of its own; it connects when first asked. */
    public PostgresRankings(DatabaseSettings settings) {
        this.database = Database.open(settings, Database.Use.BOARDS);
    }

    @Override
    public Stretch from(Board board, String region, long first, int count) {
        Condition ranked = ranked(board, region);
        return read(sql -> stretch(sql, ranked, first, sql.select(LINE).from(LEADERBOARD).where(ranked).orderBy(BEST_FIRST).limit(count)
                .offset(first).fetch(PostgresRankings::line)));
    }

    @Override
    public Stretch behind(Board board, String region, Spot spot, int count) {
        Condition ranked = ranked(board, region);
        return read(sql -> stretch(sql, ranked, sql.fetchCount(LEADERBOARD, ranked.andNot(behind(spot))),
                sql.select(LINE).from(LEADERBOARD).where(ranked, behind(spot)).orderBy(BEST_FIRST).limit(count)
                        .fetch(PostgresRankings::line)));
    }

    @Override
    public Optional<Stretch> around(Board board, String region, String player, int range) {
        Condition ranked = ranked(board, region);
        return read(sql -> sql.select(LINE).from(LEADERBOARD).where(ranked, LEADERBOARD.USER_ID.eq(player))
                .fetchOptional(PostgresRankings::line).map(self -> {
                    List<Line> lines = new ArrayList<>(sql.select(LINE).from(LEADERBOARD).where(ranked, before(self.spot()))
                            .orderBy(BEST_LAST).limit(range).fetch(PostgresRankings::line));
                    Collections.reverse(lines);
                    long first = (long) sql.fetchCount(LEADERBOARD, ranked.and(before(self.spot()))) - lines.size();
                    lines.add(self);
                    lines.addAll(sql.select(LINE).from(LEADERBOARD).where(ranked, behind(self.spot())).orderBy(BEST_FIRST).limit(range)
                            .fetch(PostgresRankings::line));
                    return stretch(sql, ranked, first, lines);
                }));
    }

    @Override
    public Those players(Board board, List<String> players, boolean inRegions) {
        Condition ranked = ranked(board, ScoreData.GLOBAL);
        Field<Integer> rank = rowNumber().over().orderBy(BEST_FIRST).as("rank");
        Field<Integer> regionRank = rowNumber().over(partitionBy(LEADERBOARD.REGION).orderBy(BEST_FIRST)).as("region_rank");
        Field<Integer> regionTotal = count().over(partitionBy(LEADERBOARD.REGION)).as("region_total");
        Table<?> all = select(LINE).select(rank, regionRank, regionTotal).from(LEADERBOARD).where(ranked).asTable("ranked");
        return read(sql -> {
            List<Found> found = sql.select(all.fields()).from(all).where(field(name("user_id"), String.class).in(players))
                    .fetch(one -> {
                        Line line = line(one);
                        boolean regional = inRegions && !line.region().equals(ScoreData.GLOBAL);
                        return new Found(line, one.get("rank", long.class) - 1, regional
                                ? new Regional(one.get("region_rank", long.class) - 1, one.get("region_total", long.class))
                                : null);
                    });
            return new Those(found, sql.fetchCount(LEADERBOARD, ranked));
        });
    }

    private <T> T read(Function<DSLContext, T> question) {
        return database.transaction(sql -> {
            // All of an answer is of one moment. It holds nobody up, so a process that is short of time may take it.
            sql.execute(
                    "set transaction isolation level repeatable read, read only; set local idle_in_transaction_session_timeout = 30000");
            return question.apply(sql);
        });
    }

    private static Stretch stretch(DSLContext sql, Condition ranked, long first, List<Line> lines) {
        Record2<Integer, Instant> now = sql.select(count(), currentInstant()).from(LEADERBOARD).where(ranked).fetchSingle();
        long better = lines.isEmpty() ? 0
                : sql.fetchCount(LEADERBOARD, ranked.and(LEADERBOARD.SCORE.gt(lines.getFirst().score())));
        return new Stretch(lines, first, better, now.value1(), now.value2());
    }

    private static Condition ranked(Board board, String region) {
        Condition whole = LEADERBOARD.CLIENT_ID.eq(board.client()).and(LEADERBOARD.BOARD.eq(board.name()))
                .and(LEADERBOARD.SEASON.eq(board.season()));
        return region.equals(ScoreData.GLOBAL) ? whole : whole.and(LEADERBOARD.REGION.eq(region));
    }

    private static Condition before(Spot spot) {
        return LEADERBOARD.SCORE.gt(spot.score()).or(LEADERBOARD.SCORE.eq(spot.score())
                .and(row(LEADERBOARD.ACHIEVED_ID, LEADERBOARD.USER_ID).lt(spot.achieved(), spot.player())));
    }

    private static Condition behind(Spot spot) {
        return LEADERBOARD.SCORE.lt(spot.score()).or(LEADERBOARD.SCORE.eq(spot.score())
                .and(row(LEADERBOARD.ACHIEVED_ID, LEADERBOARD.USER_ID).gt(spot.achieved(), spot.player())));
    }

    private static Line line(Record found) {
        return new Line(found.get("user_id", String.class), found.get("name", String.class), found.get("region", String.class),
                found.get("score", long.class), found.get("achieved_id", long.class));
    }

    @Override
    public void close() {
        database.close();
    }
}
