package dev.millrace.ingest.http;

import java.util.Set;

/** Every operation of the API. The OpenAPI document is held to this list by a test. */
enum Operation {
    CREATE_CLIENT(Method.POST, "/v1/clients"),
    GET_CLIENT(Method.GET, "/v1/clients/{id}"),
    POST_EVENT(Method.POST, "/v1/events"),
    GET_EVENT(Method.GET, "/v1/events/{id}"),
    CANCEL_EVENT(Method.DELETE, "/v1/events/{id}"),
    POST_SCORE(Method.POST, "/v1/scores"),
    BOARD_TOP(Method.GET, "/v1/boards/{board}/top", "region", "limit", "cursor"),
    BOARD_RANK(Method.GET, "/v1/boards/{board}/rank/{player}", "region"),
    BOARD_AROUND(Method.GET, "/v1/boards/{board}/around/{player}", "region", "range"),
    GET_LANE(Method.GET, "/v1/lanes/{lane}", "priority", "client"),
    PAUSE_LANE(Method.POST, "/v1/lanes/{lane}:pause", "priority", "client"),
    RESUME_LANE(Method.POST, "/v1/lanes/{lane}:resume", "priority", "client"),
    GET_PARTITIONS(Method.GET, "/v1/monitoring/partitions", "limit", "cursor"),
    LIVENESS(Method.GET, "/livez"),
    READINESS(Method.GET, "/readyz"),
    HEALTH(Method.GET, "/health"),
    OPENAPI(Method.GET, "/openapi.yaml");

    /** A GET is offered as HEAD too. */
    enum Method {
        GET,
        POST,
        DELETE
    }

    private final Method method;
    private final String path;
    // Immutable by Set.of, which the checker can't see from the type.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<String> query;

    Operation(Method method, String path, String... query) {
        this.method = method;
        this.path = path;
        this.query = Set.of(query);
    }

    Method method() {
        return method;
    }

    /** With names in braces where parameters stand. */
    String path() {
        return path;
    }

    /** Names of the query parameters that it takes; others are refused. */
    Set<String> query() {
        return query;
    }

    /** What it answers with when all is well. */
    String produces() {
        return this == OPENAPI ? Answers.YAML : Answers.JSON;
    }
}
