package dev.millrace.ingest.problem;

import java.net.URI;

/** Every kind of refusal. A slug never changes its meaning, because callers switch on it. */
public enum ProblemType {
    MALFORMED_JSON("malformed-json", 400, "The body is not valid JSON"),
    INVALID_HEADER("invalid-header", 400, "A header has a wrong value"),
    BAD_REQUEST("bad-request", 400, "The request is not valid HTTP"),
    UNAUTHENTICATED("unauthenticated", 401, "An API key is needed"),
    INVALID_CREDENTIALS("invalid-credentials", 401, "No user has this name and password"),
    FORBIDDEN("forbidden", 403, "This caller may not do that"),
    MISSING_SCOPE("missing-scope", 403, "This key lacks a scope"),
    NOT_FOUND("not-found", 404, "There is no such thing"),
    METHOD_NOT_ALLOWED("method-not-allowed", 405, "This method is not offered here"),
    NOT_ACCEPTABLE("not-acceptable", 406, "The answer can't take a form that the request accepts"),
    TIMEOUT("timeout", 408, "The request took too long to arrive"),
    CLIENT_EXISTS("client-exists", 409, "The client exists already"),
    USER_EXISTS("user-exists", 409, "The user exists already"),
    ROTATION_IN_PROGRESS("rotation-in-progress", 409, "The client's key is being rotated by someone else"),
    TWO_LIVE_KEYS("two-live-keys", 409, "The client has two live keys already"),
    LAST_KEY("last-key", 409, "The key is the client's last live one"),
    NOT_SCHEDULED("not-scheduled", 409, "The event is not scheduled any more"),
    TOO_LARGE("too-large", 413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE("unsupported-media-type", 415, "The body is of a type that is not read here"),
    INVALID_FIELD("invalid-field", 422, "A field has a wrong value"),
    INVALID_PARAMETER("invalid-parameter", 422, "A parameter has a wrong value"),
    UNKNOWN_EVENT_TYPE("unknown-event-type", 422, "There is no such event type"),
    KEY_REUSED("key-reused", 422, "The idempotency key was used for another event"),
    QUOTA_EXCEEDED("quota-exceeded", 429, "Too many requests came within the time that a limit is for"),
    QUEUE_FULL("queue-full", 429, "Too many events wait in this event's partition"),
    LANE_FULL("lane-full", 429, "Too many events wait in this event's lane"),
    CLIENT_FULL("client-full", 429, "Too many events of this client wait in this event's partition"),
    SCHEDULE_FULL("schedule-full", 429, "Too many events are scheduled in this event's partition"),
    PAUSES_FULL("pauses-full", 429, "Too many lanes are paused in this lane's partition"),
    DEDUPE_FULL("dedupe-full", 429, "Too many event ids are remembered for this event's partition"),
    STREAMS_FULL("streams-full", 429, "The client has as many streams open as one may"),
    TOO_MANY_ATTEMPTS("too-many-attempts", 429, "Too many attempts failed"),
    HEADERS_TOO_LARGE("headers-too-large", 431, "The headers are too large"),
    INTERNAL("internal", 500, "Something went wrong on this side"),
    NOT_SET_UP("not-set-up", 501, "This is not set up here"),
    UNAVAILABLE("unavailable", 503, "The service can't answer now");

    private static final String PREFIX = "https://millrace.dev/problems/";
    /** IANA's registry of problem types, which has one for this. */
    private static final URI REGISTERED_QUOTA_EXCEEDED = URI.create("https://iana.org/assignments/http-problem-types#quota-exceeded");

    private final String slug;
    private final int status;
    private final String title;

    ProblemType(String slug, int status, String title) {
        this.slug = slug;
        this.status = status;
        this.title = title;
    }

    /** The last part of {@link #uri()}; also what metrics call it. */
    public String slug() {
        return slug;
    }

    /** The HTTP status of its answers. */
    public int status() {
        return status;
    }

    /** One line for people, the same for every occurrence. */
    public String title() {
        return title;
    }

    /** The {@code type} of its answers. */
    public URI uri() {
        return this == QUOTA_EXCEEDED ? REGISTERED_QUOTA_EXCEEDED : URI.create(PREFIX + slug);
    }
}
