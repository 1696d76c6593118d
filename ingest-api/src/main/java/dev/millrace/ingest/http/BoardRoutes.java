package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.Boards;
import dev.millrace.schema.event.ScoreData;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.Map;

/** Leaderboards, as their client sees them. */
final class BoardRoutes {
    private static final int DEFAULT_LIMIT = 10;
    private static final int MAX_LIMIT = 1_000;
    private static final int DEFAULT_RANGE = 5;
    private static final int MAX_RANGE = 100;

    private final Boards boards;

    BoardRoutes(Boards boards) {
        this.boards = boards;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.BOARD_TOP, this::top, Operation.BOARD_RANK, this::rank, Operation.BOARD_AROUND, this::around);
    }

    private void top(Context ctx) {
        String client = Door.client(ctx);
        String board = Parameters.pathName(ctx, "board");
        String region = region(ctx);
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, MAX_LIMIT);
        Answers.json(ctx, 200, boards.top(client, board, region, limit, ctx.queryParam("cursor"))
                .orElseThrow(() -> Parameters.wrong("cursor", "must be the next of another answer")));
    }

    private void rank(Context ctx) {
        String client = Door.client(ctx);
        String board = Parameters.pathName(ctx, "board");
        String player = Parameters.pathName(ctx, "player");
        Answers.json(ctx, 200, boards.rank(client, board, region(ctx), player).orElseThrow(BoardRoutes::notRanked));
    }

    private void around(Context ctx) {
        String client = Door.client(ctx);
        String board = Parameters.pathName(ctx, "board");
        String player = Parameters.pathName(ctx, "player");
        int range = Parameters.queryCount(ctx, "range", DEFAULT_RANGE, MAX_RANGE);
        Answers.json(ctx, 200, boards.around(client, board, region(ctx), player, range).orElseThrow(BoardRoutes::notRanked));
    }

    private static String region(Context ctx) {
        return Parameters.queryName(ctx, "region", ScoreData.GLOBAL);
    }

    private static ProblemException notRanked() {
        return new ProblemException(ProblemType.NOT_FOUND, "The player is not on this board.");
    }
}
