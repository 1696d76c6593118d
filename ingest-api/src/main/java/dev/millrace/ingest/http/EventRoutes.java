package dev.millrace.ingest.http;

import dev.millrace.ingest.admission.EventReader;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.control.Cancellation;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.EventStatus;
import dev.millrace.ingest.read.EventStatuses;
import dev.millrace.schema.event.ScoreOp;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.Map;

/** Events asked after, and cancelled. */
final class EventRoutes {
    private final EventStatuses statuses;
    private final Cancellation cancellation;

    EventRoutes(EventStatuses statuses, Cancellation cancellation) {
        this.statuses = statuses;
        this.cancellation = cancellation;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.GET_EVENT, this::get, Operation.GET_JOB, this::getJob, Operation.CANCEL_EVENT, this::cancel);
    }

    private void get(Context ctx) {
        EventStatus status = statuses.find(Door.client(ctx), ctx.pathParam("id")).orElseThrow(EventRoutes::notFound);
        if (Door.caller(ctx) instanceof Caller.User user) {
            checkOwner(status, user);
        }
        Answers.json(ctx, 200, status);
    }

    /** A job is an event of its queue; one of another is none. What was cancelled long ago has no type any more. */
    private void getJob(Context ctx) {
        String type = EventReader.jobType(ctx.pathParam("queue"));
        EventStatus status = statuses.find(Door.client(ctx), ctx.pathParam("id"))
                .filter(event -> event.type() == null || event.type().equals(type))
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such job."));
        Answers.json(ctx, 200, status);
    }

    /** A user sees the scores of its player; to it there are no other events. */
    private static void checkOwner(EventStatus status, Caller.User user) {
        if (status.type() == null || status.lane() == null) {
            throw new ProblemException(
                    Problem.of(ProblemType.UNAVAILABLE, "The books can't say yet whose event it was.").retryAfter(Verdict.SOON));
        }
        if (ScoreOp.ofType(status.type()).isEmpty() || !status.lane().equals(user.user())) {
            throw notFound();
        }
    }

    private void cancel(Context ctx) {
        switch (cancellation.cancel(Door.client(ctx), ctx.pathParam("id")).orElseThrow(EventRoutes::notFound)) {
            case Cancellation.Result.Cancelled(EventStatus status) -> Answers.json(ctx, 200, status);
            case Cancellation.Result.TooLate(EventStatus status) ->
                throw new ProblemException(ProblemType.NOT_SCHEDULED, "It is " + status.status().word() + '.');
            case Cancellation.Result.NotNow() -> throw new ProblemException(
                    Problem.of(ProblemType.UNAVAILABLE, "The books are too far behind to be told of it; the event stays scheduled.")
                            .retryAfter(Verdict.SOON));
        }
    }

    private static ProblemException notFound() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such event.");
    }
}
