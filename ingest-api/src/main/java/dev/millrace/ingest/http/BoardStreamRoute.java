package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.BoardStreams;
import dev.millrace.ingest.read.BoardStreams.Refused;
import dev.millrace.ingest.read.BoardStreams.Watching;
import dev.millrace.ingest.read.BoardView;
import dev.millrace.ingest.read.BoardView.Sight;
import dev.millrace.schema.board.Board;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Boards as they change, as Server-Sent Events. A stream is a request that lasts: its virtual thread waits for what is new and writes it. A
 * reader who takes nothing for as long as a connection may be idle is dropped.
 */
final class BoardStreamRoute {
    private static final int DEFAULT_LIMIT = 10;
    private static final int MAX_LIMIT = 100;
    /** How long a client should wait before it connects again. */
    private static final byte[] BEGINNING = "retry: 2000\n\n".getBytes(StandardCharsets.US_ASCII);
    /** So that those in between don't take it for dead. */
    private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(15).toNanos();
    /** How often it is asked whether the caller may still come in. */
    private static final Duration CHECK = Duration.ofSeconds(3);
    private static final Duration LATER = Duration.ofSeconds(5);

    private final BoardStreams streams;
    private final Door door;

    BoardStreamRoute(BoardStreams streams, Door door) {
        this.streams = streams;
        this.door = door;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.BOARD_STREAM, this::stream);
    }

    /** What readers are sent of a sight; what it shows is its id. */
    static byte[] event(Sight sight) {
        String id = Validated.digest(Answers.MAPPER.writeValueAsBytes(sight.shows()));
        String data = Answers.MAPPER.writeValueAsString(sight.answer());
        return ("id: " + id + "\nevent: " + sight.kind() + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    private void stream(Context ctx) throws IOException {
        BoardView view = view(ctx);
        if (ctx.method().equals(HandlerType.HEAD)) {
            ctx.contentType(Answers.EVENT_STREAM);
            return;
        }
        switch (streams.open(view)) {
            case Refused refused -> throw refusal(refused);
            case Watching watching -> {
                try (watching) {
                    send(ctx, watching);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private static BoardView view(Context ctx) {
        Board board = BoardRoutes.board(ctx);
        String region = BoardRoutes.region(ctx);
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, MAX_LIMIT);
        @Nullable String player = Parameters.queryName(ctx, "player");
        if (player == null) {
            return new BoardView.Best(board, region, limit);
        }
        if (ctx.queryParam("limit") != null) {
            throw Parameters.wrong("limit", "must not be given with a player");
        }
        return new BoardView.One(board, region, player);
    }

    private static ProblemException refusal(Refused refused) {
        Problem problem = switch (refused) {
            case CLIENT_FULL -> Problem.of(ProblemType.STREAMS_FULL, "Close one, or ask for the board every now and then.");
            case FULL -> Problem.of(ProblemType.UNAVAILABLE, "As many streams are open here as may be.");
            case STOPPING -> Problem.of(ProblemType.UNAVAILABLE, "The service is stopping.");
        };
        return new ProblemException(problem.retryAfter(LATER));
    }

    private void send(Context ctx, Watching watching) throws IOException, InterruptedException {
        ctx.contentType(Answers.EVENT_STREAM).header("X-Accel-Buffering", "no");
        // Not by way of Javalin, which might compress it and hold it back for that.
        OutputStream out = ctx.res().getOutputStream();
        write(out, BEGINNING);
        long wrote = System.nanoTime();
        long checked = wrote;
        while (!watching.over()) {
            byte @Nullable [] event = watching.next(CHECK);
            if (System.nanoTime() - checked >= CHECK.toNanos()) {
                if (!maySee(ctx)) {
                    return;
                }
                checked = System.nanoTime();
            }
            if (event != null || System.nanoTime() - wrote >= HEARTBEAT_NANOS) {
                write(out, event == null ? HEARTBEAT : event);
                wrote = System.nanoTime();
            }
        }
    }

    private static void write(OutputStream out, byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Whether the caller is still let in. Where that can't be found out there is nothing to see either, until it can. */
    private boolean maySee(Context ctx) {
        try {
            door.enter(ctx, Operation.BOARD_STREAM);
            return true;
        } catch (ProblemException e) {
            return e.problem().type() == ProblemType.UNAVAILABLE;
        }
    }
}
