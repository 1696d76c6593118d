package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Caller;
import dev.millrace.ingest.control.BulkRedrive;
import dev.millrace.ingest.json.Fields;
import dev.millrace.ingest.json.Rfc3339;
import dev.millrace.ingest.json.StrictJson;
import dev.millrace.ingest.read.DeadLetterCursor;
import dev.millrace.ingest.read.DeadLetterFilter;
import dev.millrace.ingest.read.DeadLetters;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Redrives all dead letters that a filter means, so many a call. */
final class BulkRedriveRoute {
    private static final Set<String> FIELDS = Set.of("type", "queue", "lane", "client", "reason", "diedFrom", "diedBefore", "dryRun",
            "limit", "rate", "cursor");
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final int DEFAULT_RATE = 100;
    private static final int MAX_RATE = 1_000;
    private static final int REASON_MAX = 200;
    private static final String CURSOR = "cursor";

    private final RequestBodies bodies;
    private final StrictJson json;
    private final BulkRedrive redrive;
    private final DeadLetters letters;

    BulkRedriveRoute(RequestBodies bodies, StrictJson json, BulkRedrive redrive, DeadLetters letters) {
        this.bodies = bodies;
        this.json = json;
        this.redrive = redrive;
        this.letters = letters;
    }

    Map<Operation, Handler> handlers() {
        return Map.of(Operation.REDRIVE_DEAD_LETTERS, this::redrive);
    }

    private void redrive(Context ctx) throws IOException {
        Caller caller = Door.caller(ctx);
        Fields fields = new Fields(json.readObject(bodies.json(ctx)));
        fields.only(FIELDS);
        @Nullable String named = fields.optionalName("client");
        @Nullable String type = DeadLetterRoutes.typeOf(fields.optionalName("type"), fields.optionalName("queue"));
        DeadLetterFilter filter = new DeadLetterFilter(DeadLetterRoutes.clientOf(caller, named), type, fields.optionalName("lane"),
                fields.optional("reason", text -> !text.isEmpty() && text.codePointCount(0, text.length()) <= REASON_MAX,
                        "must have 1 to " + REASON_MAX + " characters"),
                time(fields, "diedFrom"), time(fields, "diedBefore"));
        BulkRedrive.Order order = new BulkRedrive.Order(filter, cursor(fields), count(fields, "limit", DEFAULT_LIMIT, MAX_LIMIT),
                count(fields, "rate", DEFAULT_RATE, MAX_RATE), flag(fields, "dryRun"));
        fields.check();
        Answers.json(ctx, 200, redrive.run(order, DeadLetterRoutes.who(caller)));
    }

    private DeadLetterCursor cursor(Fields fields) {
        String text = fields.optional(CURSOR, given -> letters.cursor(given).isPresent(),
                "is not one that this operation gave");
        return text == null ? DeadLetterCursor.START : letters.cursor(text).orElseThrow();
    }

    private static @Nullable Instant time(Fields fields, String name) {
        String text = fields.optional(name, given -> Rfc3339.time(given).isPresent(), Rfc3339.FORM);
        return text == null ? null : Rfc3339.time(text).orElseThrow();
    }

    private static int count(Fields fields, String name, int byDefault, int max) {
        JsonNode node = fields.node(name);
        if (node == null) {
            return byDefault;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1 || node.intValue() > max) {
            fields.wrong(name, "must be a whole number from 1 to " + max);
            return byDefault;
        }
        return node.intValue();
    }

    private static boolean flag(Fields fields, String name) {
        JsonNode node = fields.node(name);
        if (node != null && !node.isBoolean()) {
            fields.wrong(name, "must be true or false");
        }
        return node != null && node.booleanValue(false);
    }
}
