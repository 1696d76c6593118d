package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.Boards;
import dev.millrace.ingest.read.Boards.Players;
import dev.millrace.ingest.read.Boards.Top;
import dev.millrace.ingest.read.Ranking;
import dev.millrace.schema.board.Board;
import dev.millrace.schema.event.ScoreData;
import dev.millrace.schema.redis.RedisUnavailableException;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leaderboards, as their client sees them. */
final class BoardRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(BoardRoutes.class);
    private static final int DEFAULT_LIMIT = 10;
    private static final int MAX_LIMIT = 1_000;
    private static final int MAX_PAGE = 1_000_000;
    private static final int DEFAULT_RANGE = 5;
    private static final int MAX_RANGE = 100;
    private static final int MAX_PLAYERS = 100;

    private final Boards live;
    private final @Nullable Boards books;

    /**
     * @param live the boards in Redis
     * @param books the boards in Postgres, null where there are none
     */
    BoardRoutes(Boards live, @Nullable Boards books) {
        this.live = live;
        this.books = books;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.BOARD_TOP, this::top, Operation.BOARD_RANK, this::rank, Operation.BOARD_AROUND, this::around,
                Operation.BOARD_PLAYER, this::player, Operation.BOARD_PLAYERS, this::players, Operation.BOARD_FRIENDS, this::friends);
    }

    private void top(Context ctx) {
        Board board = board(ctx);
        String region = region(ctx);
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, MAX_LIMIT);
        int page = Parameters.queryCount(ctx, "page", 1, MAX_PAGE);
        Ranking ranking = ranking(ctx);
        @Nullable String cursor = ctx.queryParam("cursor");
        if (cursor != null && ctx.queryParam("page") != null) {
            throw Parameters.wrong("page", "must not be given with a cursor");
        }
        Optional<Top> found = ask(ctx, boards -> cursor == null ? Optional.of(boards.page(board, region, limit, page, ranking))
                : boards.behind(board, region, limit, cursor, ranking));
        Top top = found.orElseThrow(() -> Parameters.wrong("cursor", "must be the next of another answer"));
        Validated.json(ctx, top, top.shows());
    }

    private void rank(Context ctx) {
        Board board = board(ctx);
        String player = Parameters.pathName(ctx, "player");
        String region = region(ctx);
        Ranking ranking = ranking(ctx);
        Validated.json(ctx, ask(ctx, boards -> boards.rank(board, region, player, ranking)).orElseThrow(BoardRoutes::notRanked));
    }

    private void around(Context ctx) {
        Board board = board(ctx);
        String player = Parameters.pathName(ctx, "player");
        String region = region(ctx);
        int range = Parameters.queryCount(ctx, "range", DEFAULT_RANGE, MAX_RANGE);
        Ranking ranking = ranking(ctx);
        Validated.json(ctx, ask(ctx, boards -> boards.around(board, region, player, range, ranking)).orElseThrow(BoardRoutes::notRanked));
    }

    private void player(Context ctx) {
        Board board = board(ctx);
        String player = Parameters.pathName(ctx, "player");
        Players players = ask(ctx, boards -> boards.players(board, List.of(player)));
        if (players.players().isEmpty()) {
            throw notRanked();
        }
        Validated.json(ctx, players.players().getFirst());
    }

    private void players(Context ctx) {
        Board board = board(ctx);
        List<String> players = Parameters.queryNames(ctx, "players", MAX_PLAYERS);
        Validated.json(ctx, ask(ctx, boards -> boards.players(board, players)));
    }

    private void friends(Context ctx) {
        Board board = board(ctx);
        List<String> players = Parameters.queryNames(ctx, "players", MAX_PLAYERS);
        Validated.json(ctx, ask(ctx, boards -> boards.friends(board, players)));
    }

    /** While Redis is away Postgres is asked, and the answer says so. */
    private <T> T ask(Context ctx, Function<Boards, T> question) {
        try {
            return question.apply(live);
        } catch (RedisUnavailableException away) {
            if (books == null) {
                throw away;
            }
            try {
                T answer = question.apply(books);
                ctx.header("Millrace-Source", "postgres");
                return answer;
            } catch (RuntimeException e) {
                LOG.warn("Redis is away, and Postgres can't tell of boards either: {}", e.toString());
                throw away;
            }
        }
    }

    static Board board(Context ctx) {
        return Board.allTime(Door.client(ctx), Parameters.pathName(ctx, "board"));
    }

    static String region(Context ctx) {
        return Parameters.queryName(ctx, "region", ScoreData.GLOBAL);
    }

    private static Ranking ranking(Context ctx) {
        @Nullable String word = ctx.queryParam("ranking");
        return word == null ? Ranking.ORDINAL
                : Ranking.ofWord(word).orElseThrow(() -> Parameters.wrong("ranking", "must be ordinal or competition"));
    }

    private static ProblemException notRanked() {
        return new ProblemException(ProblemType.NOT_FOUND, "The player is not on this board.");
    }
}
