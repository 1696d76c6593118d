package dev.millrace.ingest.http;

import dev.millrace.ingest.json.JsonMediaTypes;
import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/** The forms in which a request may bring events. */
enum EventFormat {
    /** One event, or an array of them. */
    JSON,
    /** One event a line. */
    NDJSON,
    /** A CloudEvent in structured mode. */
    CLOUD_EVENT,
    /** A CloudEvent whose attributes are headers. */
    CLOUD_EVENT_BINARY,
    /** CloudEvents in batched mode. */
    CLOUD_EVENT_BATCH;

    private static final String LINES = "application/x-ndjson";
    private static final String CLOUD_EVENTS = "application/cloudevents";

    /**
     * The form of a request.
     *
     * @throws ProblemException if it is none of these
     */
    static EventFormat of(Context ctx) {
        @Nullable String contentType = ctx.req().getContentType();
        String type = contentType == null ? "" : JsonMediaTypes.bare(contentType);
        return switch (type) {
            case LINES -> NDJSON;
            case CLOUD_EVENTS + "+json" -> CLOUD_EVENT;
            case CLOUD_EVENTS + "-batch+json" -> CLOUD_EVENT_BATCH;
            default -> {
                if (!type.startsWith(CLOUD_EVENTS) && JsonMediaTypes.isJson(type) && CloudEventHeaders.in(ctx)) {
                    yield CLOUD_EVENT_BINARY;
                }
                if (type.equals(Answers.JSON)) {
                    yield JSON;
                }
                throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be " + Answers.JSON + ", " + LINES + ", "
                        + CLOUD_EVENTS + "+json or " + CLOUD_EVENTS + "-batch+json.");
            }
        };
    }
}
