package dev.millrace.ingest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.ingest.admission.Admission;
import dev.millrace.ingest.admission.CloudEventReader;
import dev.millrace.ingest.admission.EventReader;
import dev.millrace.ingest.admission.IdempotencyKey;
import dev.millrace.ingest.admission.Posted;
import dev.millrace.ingest.admission.Sender;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.http.BulkPosting.ItemReading;
import dev.millrace.ingest.http.Verdict.Refused;
import dev.millrace.ingest.http.Verdict.Taken;
import dev.millrace.ingest.json.JsonItems;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.InputError;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.schema.event.TraceParent;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events posted: one a request, in full, as a score, as a job or as a CloudEvent, or many. */
final class PostingRoutes {
    private final RequestBodies bodies;
    private final long streamMaxBytes;
    private final StrictJson json;
    private final JsonItems items;
    private final EventReader events;
    private final CloudEventReader cloudEvents;
    private final Admission admission;
    private final BulkPosting bulk;

    /**
     * @param streamMaxBytes of a body that is not read whole
     * @param json bounded by the largest event
     * @param items bounded by the largest array
     */
    PostingRoutes(RequestBodies bodies, long streamMaxBytes, StrictJson json, JsonItems items, EventReader events, Admission admission,
            BulkPosting bulk) {
        this.bodies = bodies;
        this.streamMaxBytes = streamMaxBytes;
        this.json = json;
        this.items = items;
        this.events = events;
        this.cloudEvents = new CloudEventReader(json, events);
        this.admission = admission;
        this.bulk = bulk;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.POST_EVENT, this::postEvents, Operation.POST_SCORE, this::postScore, Operation.POST_JOB, this::postJob);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record AcceptedEvent(String id, String status, String lane, int partition, @Nullable Instant runAt) {}

    private void postEvents(Context ctx) throws IOException {
        EventFormat format = EventFormat.of(ctx);
        Sender sender = sender(ctx);
        switch (format) {
            case JSON -> {
                try (BodyRoom.Place place = bodies.place()) {
                    byte[] body = bodies.oneOrArray(ctx, place);
                    if (RequestBodies.isArray(body)) {
                        bulk.items(ctx, sender, items.of(body), inBulk());
                    } else {
                        answer(ctx, events.event(sender, json.readObject(body)));
                    }
                }
            }
            case NDJSON -> {
                try (InputStream body = bodies.stream(ctx, streamMaxBytes)) {
                    bulk.lines(ctx, sender, body, inBulk());
                }
            }
            case CLOUD_EVENT -> answer(ctx, cloudEvents.structured(keyless(sender), json.readObject(bodies.one(ctx))));
            case CLOUD_EVENT_BINARY -> answer(ctx, cloudEvents.binary(keyless(sender), CloudEventHeaders.of(ctx), bodies.one(ctx)));
            case CLOUD_EVENT_BATCH -> {
                try (BodyRoom.Place place = bodies.place()) {
                    bulk.items(ctx, sender, items.of(bodies.oneOrArray(ctx, place)), cloudEvents::structured);
                }
            }
        }
    }

    /** An event that has an id of its own is known by that. */
    private ItemReading inBulk() {
        return (sender, item) -> events.event(item.has("id") ? sender.under(null) : sender, item);
    }

    private static Sender keyless(Sender sender) {
        if (sender.key() != null) {
            throw wrongKey("is not for a CloudEvent, which is known by its source and id");
        }
        return sender;
    }

    private void postScore(Context ctx) throws IOException {
        Sender sender = sender(ctx);
        answer(ctx, events.score(sender, json.readObject(bodies.json(ctx))));
    }

    private void postJob(Context ctx) throws IOException {
        Sender sender = sender(ctx);
        answer(ctx, events.job(sender, ctx.pathParam("queue"), json.readObject(bodies.json(ctx))));
    }

    private void answer(Context ctx, Posted posted) {
        switch (Verdict.of(admission.admit(posted))) {
            case Taken taken -> {
                if (taken.replayed()) {
                    ctx.header("Idempotency-Replayed", "true");
                }
                ctx.header("Location", "/v1/events/" + taken.id());
                String status = taken.runAt() == null ? "queued" : "scheduled";
                Answers.json(ctx, 202,
                        new AcceptedEvent(taken.id(), status, posted.event().lane().name(), taken.partition(), taken.runAt()));
            }
            case Refused(Problem problem) -> throw new ProblemException(problem);
        }
    }

    private static Sender sender(Context ctx) {
        @Nullable String trace = ctx.header(TraceParent.NAME);
        @Nullable String player = Door.caller(ctx) instanceof Caller.User user ? user.user() : null;
        return new Sender(Door.client(ctx), player, key(ctx), trace == null ? null : TraceParent.read(trace).orElse(null),
                Turnstile.standing(ctx));
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
}
