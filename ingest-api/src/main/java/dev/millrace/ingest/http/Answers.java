package dev.millrace.ingest.http;

import dev.millrace.ingest.problem.Problem;
import io.javalin.http.Context;
import tools.jackson.databind.json.JsonMapper;

/** Writes answers. */
final class Answers {
    static final String JSON = "application/json";
    static final String YAML = "application/yaml";
    static final String EVENT_STREAM = "text/event-stream";
    static final String HTML = "text/html";

    /** Times as RFC 3339 in UTC, which is Jackson's default. */
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Answers() {}

    static void json(Context ctx, int status, Object body) {
        ctx.status(status).contentType(JSON).result(MAPPER.writeValueAsBytes(body));
    }

    /** An answer without a body, and so without the type of one. */
    static void empty(Context ctx, int status) {
        ctx.status(status).res().setContentType(null);
    }

    static void problem(Context ctx, Problem problem) {
        long retryAfter = problem.retryAfterSeconds();
        if (retryAfter > 0) {
            ctx.header("Retry-After", Long.toString(retryAfter));
        }
        ctx.status(problem.type().status()).contentType(Problem.MEDIA_TYPE).result(problem.toJson());
    }
}
