package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.control.LanePauses;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.Lanes;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lanes: why one does not move, and pausing it. For the client whose lanes they are, and for the administrator, who names the client. */
final class LaneRoutes {
    private static final String CLIENT = "client";

    private final Lanes lanes;
    private final LanePauses pauses;

    LaneRoutes(Lanes lanes, LanePauses pauses) {
        this.lanes = lanes;
        this.pauses = pauses;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.GET_LANE, this::get, Operation.PAUSE_LANE, this::pause, Operation.RESUME_LANE, this::resume);
    }

    private void get(Context ctx) {
        Answers.json(ctx, 200, lanes.explain(lane(ctx)));
    }

    private void pause(Context ctx) {
        Lane lane = lane(ctx);
        if (!pauses.pause(lane)) {
            throw new ProblemException(ProblemType.PAUSES_FULL, "Resume some before.");
        }
        Answers.json(ctx, 200, lanes.explain(lane));
    }

    private void resume(Context ctx) {
        Lane lane = lane(ctx);
        pauses.resume(lane);
        Answers.json(ctx, 200, lanes.explain(lane));
    }

    private Lane lane(Context ctx) {
        String client = client(ctx);
        String name = Parameters.pathName(ctx, "lane");
        @Nullable String priority = ctx.queryParam("priority");
        return new Lane(client, name, priority == null ? Priority.NORMAL
                : Priority.ofWord(priority)
                        .orElseThrow(() -> Parameters.wrong("priority", "must be one of high, normal, low")));
    }

    private String client(Context ctx) {
        @Nullable String named = ctx.queryParam(CLIENT);
        return switch (Door.caller(ctx)) {
            case Caller.Client own when named == null || named.equals(own.client()) -> own.client();
            case Caller.Client _ -> throw new ProblemException(ProblemType.FORBIDDEN, "A client's lanes are its own.");
            case Caller.User _ -> throw new IllegalStateException("users are not let in");
            case Caller.Admin _ when named == null -> throw Parameters.wrong(CLIENT, "is required of the administrator, who has no lanes");
            case Caller.Admin _ -> Parameters.queryName(ctx, CLIENT, "");
        };
    }
}
