package dev.millrace.ingest.http;

import dev.millrace.ingest.admission.EventReader;
import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.control.Discard;
import dev.millrace.ingest.control.Redrive;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.problem.Problem;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import dev.millrace.ingest.read.AuditTrail;
import dev.millrace.ingest.read.DeadLetterCursor;
import dev.millrace.ingest.read.DeadLetterFilter;
import dev.millrace.ingest.read.DeadLetterView;
import dev.millrace.ingest.read.DeadLetters;
import dev.millrace.ingest.read.EventStatuses;
import dev.millrace.ingest.read.FoundLetter;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Dead letters: looked at, redriven and discarded one by one. By the client whose they are, and by the administrator. */
final class DeadLetterRoutes {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;
    private static final String CURSOR = "cursor";
    private static final Duration SOON = Duration.ofSeconds(1);

    private final RequestBodies bodies;
    private final StrictJson json;
    private final EventReader reader;
    private final DeadLetters letters;
    private final AuditTrail audit;
    private final Redrive redrive;
    private final Discard discard;
    private final EventStatuses statuses;

    DeadLetterRoutes(RequestBodies bodies, StrictJson json, EventReader reader, DeadLetters letters, AuditTrail audit, Redrive redrive,
            Discard discard, EventStatuses statuses) {
        this.bodies = bodies;
        this.json = json;
        this.reader = reader;
        this.letters = letters;
        this.audit = audit;
        this.redrive = redrive;
        this.discard = discard;
        this.statuses = statuses;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.LIST_DEAD_LETTERS, this::list, Operation.GET_DEAD_LETTER, this::get, Operation.REDRIVE_DEAD_LETTER,
                this::redrive, Operation.DISCARD_DEAD_LETTER, this::discard);
    }

    private record Page(List<DeadLetterView> items, @Nullable String next) {}

    private void list(Context ctx) {
        @Nullable String client = clientOf(Door.caller(ctx), queryName(ctx, "client"));
        DeadLetterFilter filter = new DeadLetterFilter(client, typeOf(queryName(ctx, "type"), queryName(ctx, "queue")),
                queryName(ctx, "lane"), null, null, null);
        int limit = Parameters.queryCount(ctx, "limit", DEFAULT_LIMIT, MAX_LIMIT);
        @Nullable String cursor = ctx.queryParam(CURSOR);
        DeadLetterCursor from = cursor == null ? DeadLetterCursor.START
                : letters.cursor(cursor).orElseThrow(() -> Parameters.wrong(CURSOR, "is not one that this list gave"));
        DeadLetters.Stretch stretch = letters.list(filter, from, limit);
        Answers.json(ctx, 200, new Page(stretch.letters().stream().map(DeadLetterView::brief).toList(),
                stretch.next().map(DeadLetterCursor::encode).orElse(null)));
    }

    /** The client whose letters a caller means: its own, or those of whom the administrator names, null for all clients'. */
    static @Nullable String clientOf(Caller caller, @Nullable String named) {
        return switch (caller) {
            case Caller.Client own when named == null || named.equals(own.client()) -> own.client();
            case Caller.Client _ -> throw new ProblemException(ProblemType.FORBIDDEN, "A client's dead letters are its own.");
            case Caller.User _ -> throw new IllegalStateException("users are not let in");
            case Caller.Admin _ -> named;
        };
    }

    /** Who the audit says it was. */
    static String who(Caller caller) {
        return switch (caller) {
            case Caller.Client client -> "client " + client.client() + ", key " + client.keyId();
            case Caller.User user -> "user " + user.user() + " of client " + user.client();
            case Caller.Admin _ -> "the administrator";
        };
    }

    /** The type that is meant: a queue's jobs are events of a type named after it. */
    static @Nullable String typeOf(@Nullable String type, @Nullable String queue) {
        return queue == null ? type : EventReader.jobType(queue);
    }

    private static @Nullable String queryName(Context ctx, String parameter) {
        return ctx.queryParam(parameter) == null ? null : Parameters.queryName(ctx, parameter, "");
    }

    private void get(Context ctx) {
        FoundLetter letter = letter(ctx, Door.caller(ctx));
        Answers.json(ctx, 200, DeadLetterView.whole(letter, audit.of(letter.ref(), letter.eventId())));
    }

    private void redrive(Context ctx) throws IOException {
        Caller caller = Door.caller(ctx);
        ObjectNode body = json.readObject(bodies.optionalJson(ctx));
        FoundLetter letter = letter(ctx, caller);
        switch (redrive.redrive(letter, reader.edit(letter.event().orElse(null), body), who(caller))) {
            case REDRIVEN -> {
                ctx.header("Location", "/v1/events/" + letter.eventId());
                answer(ctx, 202, letter);
            }
            case GONE -> throw notFound();
            case QUEUE_FULL -> throw full(ProblemType.QUEUE_FULL);
            case LANE_FULL -> throw full(ProblemType.LANE_FULL);
            case CLIENT_FULL -> throw full(ProblemType.CLIENT_FULL);
        }
    }

    private void discard(Context ctx) {
        Caller caller = Door.caller(ctx);
        FoundLetter letter = letter(ctx, caller);
        if (!discard.discard(letter, who(caller))) {
            throw notFound();
        }
        answer(ctx, 200, letter);
    }

    private void answer(Context ctx, int status, FoundLetter letter) {
        Answers.json(ctx, status, statuses.find(letter.client(), letter.eventId()).orElseThrow(DeadLetterRoutes::notFound));
    }

    private FoundLetter letter(Context ctx, Caller caller) {
        return letters.find(clientOf(caller, null), ctx.pathParam("id")).orElseThrow(DeadLetterRoutes::notFound);
    }

    private static ProblemException full(ProblemType type) {
        return new ProblemException(Problem.of(type, "The dead letter stays; try again later.").retryAfter(SOON));
    }

    private static ProblemException notFound() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such dead letter.");
    }
}
