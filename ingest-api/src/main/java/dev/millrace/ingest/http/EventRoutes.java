package dev.millrace.ingest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.AdmitResult;
import dev.millrace.ingest.admission.AdmitResult.Accepted;
import dev.millrace.ingest.admission.AdmitResult.ClientFull;
import dev.millrace.ingest.admission.AdmitResult.Conflict;
import dev.millrace.ingest.admission.AdmitResult.DedupeFull;
import dev.millrace.ingest.admission.AdmitResult.LaneFull;
import dev.millrace.ingest.admission.AdmitResult.QueueFull;
import dev.millrace.ingest.admission.AdmitResult.Replayed;
import dev.millrace.ingest.admission.AdmitResult.ScheduleFull;
import dev.millrace.ingest.admission.AdmitResult.Scheduled;
import dev.millrace.ingest.admission.AdmitResult.Unavailable;
import dev.millrace.ingest.admission.EventReader;
import dev.millrace.ingest.admission.IdempotencyKey;
import dev.millrace.ingest.admission.Posted;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.control.Cancellation;
import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.Problem.Outcome;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.EventStatus;
import dev.millrace.ingest.read.EventStatuses;
import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.ScoreOp;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events: posted one a request, in full or as a score, and asked after. */
final class EventRoutes {
    /** A full lane or queue empties by thousands a second, as long as it empties at all. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final RequestBodies bodies;
    private final EventReader reader;
    private final Admission admission;
    private final EventStatuses statuses;
    private final Cancellation cancellation;

    EventRoutes(RequestBodies bodies, EventReader reader, Admission admission, EventStatuses statuses, Cancellation cancellation) {
        this.bodies = bodies;
        this.reader = reader;
        this.admission = admission;
        this.statuses = statuses;
        this.cancellation = cancellation;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.POST_EVENT, ctx -> post(ctx, reader::event), Operation.POST_SCORE, ctx -> post(ctx, reader::score),
                Operation.GET_EVENT, this::get, Operation.CANCEL_EVENT, this::cancel);
    }

    /** Makes an event of a body. */
    @FunctionalInterface
    private interface Reading {
        Posted read(String client, byte[] body, @Nullable String key);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record AcceptedEvent(String id, String status, String lane, int partition, @Nullable Instant runAt) {}

    private void post(Context ctx, Reading reading) throws IOException {
        @Nullable String key = key(ctx);
        Posted posted = reading.read(Door.client(ctx), bodies.json(ctx), key);
        if (Door.caller(ctx) instanceof Caller.User user && !posted.event().lane().name().equals(user.user())) {
            throw new ProblemException(ProblemType.FORBIDDEN, "A user posts scores of its own player only, who is called like it.");
        }
        answer(ctx, posted.event(), admission.admit(posted));
    }

    private static @Nullable String key(Context ctx) {
        Enumeration<String> values = ctx.req().getHeaders(IdempotencyKey.HEADER);
        if (!values.hasMoreElements()) {
            return null;
        }
        String value = values.nextElement();
        if (values.hasMoreElements()) {
            throw wrongKey("must come once");
        }
        return IdempotencyKey.ofHeader(value).orElseThrow(() -> wrongKey(IdempotencyKey.FORM + ", bare or as a quoted string"));
    }

    private static ProblemException wrongKey(String detail) {
        return new ProblemException(Problem.of(ProblemType.INVALID_HEADER,
                List.of(new InputError(InputError.Where.HEADER, IdempotencyKey.HEADER, detail))));
    }

    private static void answer(Context ctx, Event event, AdmitResult result) {
        switch (result) {
            case Accepted accepted -> accepted(ctx, event, accepted.eventId(), accepted.partition(), null);
            case Scheduled scheduled -> accepted(ctx, event, scheduled.eventId(), scheduled.partition(), scheduled.runAt());
            case Replayed replayed -> {
                ctx.header("Idempotency-Replayed", "true");
                accepted(ctx, event, replayed.eventId(), replayed.partition(), replayed.runAt());
            }
            case Conflict() -> throw new ProblemException(ProblemType.KEY_REUSED,
                    "An event with this id or Idempotency-Key and other content was accepted before.");
            case QueueFull() -> throw full(ProblemType.QUEUE_FULL, SOON);
            case LaneFull() -> throw full(ProblemType.LANE_FULL, SOON);
            case ClientFull() -> throw full(ProblemType.CLIENT_FULL, SOON);
            case ScheduleFull() -> throw full(ProblemType.SCHEDULE_FULL, SOON);
            case DedupeFull(Duration forThis) -> throw full(ProblemType.DEDUPE_FULL, forThis);
            case Unavailable(boolean outcomeUnknown) ->
                throw new ProblemException(unavailable(outcomeUnknown ? Outcome.UNKNOWN : Outcome.NOT_APPENDED));
        }
    }

    private static void accepted(Context ctx, Event event, String id, int partition, @Nullable Instant runAt) {
        ctx.header("Location", "/v1/events/" + id);
        String status = runAt == null ? "queued" : "scheduled";
        Answers.json(ctx, 202, new AcceptedEvent(id, status, event.lane().name(), partition, runAt));
    }

    private static ProblemException full(ProblemType type, Duration retryAfter) {
        return new ProblemException(Problem.of(type, "Nothing was appended; try again later.").retryAfter(retryAfter));
    }

    private static Problem unavailable(Outcome outcome) {
        String detail = switch (outcome) {
            case NOT_APPENDED -> "The event was not appended.";
            case UNKNOWN -> "Whether the event was appended is unknown; the same post with the same id or Idempotency-Key is safe.";
        };
        return Problem.of(ProblemType.UNAVAILABLE, detail).retryAfter(SOON).outcome(outcome);
    }

    private void get(Context ctx) {
        EventStatus status = statuses.find(Door.client(ctx), ctx.pathParam("id")).orElseThrow(EventRoutes::notFound);
        if (Door.caller(ctx) instanceof Caller.User user) {
            checkOwner(status, user);
        }
        Answers.json(ctx, 200, status);
    }

    /** A user sees the scores of its player; to it there are no other events. */
    private static void checkOwner(EventStatus status, Caller.User user) {
        if (status.type() == null || status.lane() == null) {
            throw new ProblemException(Problem.of(ProblemType.UNAVAILABLE, "The books can't say yet whose event it was.").retryAfter(SOON));
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
                            .retryAfter(SOON));
        }
    }

    private static ProblemException notFound() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such event.");
    }
}
