package dev.millrace.ingest.http;

import dev.millrace.ingest.auth.Scope;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Every operation of the API, and who may come in. The OpenAPI document is held to this list by a test. */
enum Operation {
    CREATE_CLIENT(Method.POST, "/v1/clients", Access.ADMINISTRATOR),
    GET_CLIENT(Method.GET, "/v1/clients/{id}", Access.MEMBERS),
    ROTATE_KEY(Method.POST, "/v1/clients/{id}/keys:rotate", Access.KEY_KEEPERS),
    LIST_KEYS(Method.GET, "/v1/clients/{id}/keys", Access.KEY_KEEPERS),
    REVOKE_KEY(Method.DELETE, "/v1/clients/{id}/keys/{keyId}", Access.KEY_KEEPERS),
    UPDATE_CLIENT(Method.PATCH, "/v1/clients/{id}", Access.KEY_KEEPERS),
    REGISTER(Method.POST, "/v1/auth/register", Access.ANYONE),
    LOGIN(Method.POST, "/v1/auth/login", Access.ANYONE),
    REFRESH(Method.POST, "/v1/auth/refresh", Access.USERS),
    LOGOUT(Method.POST, "/v1/auth/logout", Access.USERS),
    GET_SESSION(Method.GET, "/v1/auth/session", Access.USERS),
    LIST_SESSIONS(Method.GET, "/v1/auth/sessions", Access.USERS),
    END_SESSION(Method.DELETE, "/v1/auth/sessions/{id}", Access.USERS),
    CHANGE_PASSWORD(Method.POST, "/v1/auth/password", Access.USERS),
    DELETE_ACCOUNT(Method.POST, "/v1/auth/account:delete", Access.USERS),
    DELETE_USER(Method.DELETE, "/v1/clients/{id}/users/{user}", Access.KEY_KEEPERS),
    POST_EVENT(Method.POST, "/v1/events", Access.PRODUCERS_AND_USERS),
    GET_EVENT(Method.GET, "/v1/events/{id}", Access.PRODUCERS_AND_USERS),
    CANCEL_EVENT(Method.DELETE, "/v1/events/{id}", Access.PRODUCERS),
    POST_SCORE(Method.POST, "/v1/scores", Access.PRODUCERS_AND_USERS),
    POST_JOB(Method.POST, "/v1/jobs/{queue}", Access.PRODUCERS),
    GET_JOB(Method.GET, "/v1/jobs/{queue}/{id}", Access.PRODUCERS),
    LIST_EVENT_TYPES(Method.GET, "/v1/event-types", Access.PRODUCERS_AND_ADMINISTRATOR),
    GET_EVENT_TYPE(Method.GET, "/v1/event-types/{type}", Access.PRODUCERS_AND_ADMINISTRATOR),
    BOARD_TOP(Method.GET, "/v1/boards/{board}/top", Access.READERS, "region", "limit", "cursor", "page", "ranking"),
    BOARD_RANK(Method.GET, "/v1/boards/{board}/rank/{player}", Access.READERS, "region", "ranking"),
    BOARD_AROUND(Method.GET, "/v1/boards/{board}/around/{player}", Access.READERS, "region", "range", "ranking"),
    BOARD_PLAYER(Method.GET, "/v1/boards/{board}/players/{player}", Access.READERS),
    BOARD_PLAYERS(Method.GET, "/v1/boards/{board}/players", Access.READERS, "players"),
    BOARD_FRIENDS(Method.GET, "/v1/boards/{board}/friends", Access.READERS, "players"),
    BOARD_STREAM(Method.GET, "/v1/boards/{board}/stream", Access.READERS, "region", "limit", "player"),
    GET_LANE(Method.GET, "/v1/lanes/{lane}", Access.PRODUCERS_AND_ADMINISTRATOR, "priority", "client"),
    PAUSE_LANE(Method.POST, "/v1/lanes/{lane}:pause", Access.OPERATORS, "priority", "client"),
    RESUME_LANE(Method.POST, "/v1/lanes/{lane}:resume", Access.OPERATORS, "priority", "client"),
    LIST_DEAD_LETTERS(Method.GET, "/v1/dead-letters", Access.OPERATORS, "type", "queue", "client", "lane", "limit", "cursor"),
    REDRIVE_DEAD_LETTERS(Method.POST, "/v1/dead-letters:redrive", Access.OPERATORS),
    GET_DEAD_LETTER(Method.GET, "/v1/dead-letters/{id}", Access.OPERATORS),
    REDRIVE_DEAD_LETTER(Method.POST, "/v1/dead-letters/{id}:redrive", Access.OPERATORS),
    DISCARD_DEAD_LETTER(Method.DELETE, "/v1/dead-letters/{id}", Access.OPERATORS),
    GET_PARTITIONS(Method.GET, "/v1/monitoring/partitions", Access.ADMINISTRATOR, "limit", "cursor"),
    GET_AUDIT(Method.GET, "/v1/monitoring/audit", Access.OPERATORS, "client", "limit", "cursor"),
    GET_BLOCKED(Method.GET, "/v1/monitoring/rate-limits/blocked", Access.MEMBERS, "client", "limit"),
    GET_REQUESTS(Method.GET, "/v1/monitoring/requests", Access.MEMBERS, "client", "minutes", "limit", "cursor"),
    LIVENESS(Method.GET, "/livez", Access.ANYONE),
    READINESS(Method.GET, "/readyz", Access.ANYONE),
    HEALTH(Method.GET, "/health", Access.ANYONE),
    OPENAPI(Method.GET, "/openapi.yaml", Access.ANYONE),
    DOCS(Method.GET, "/docs", Access.ANYONE),
    DOCS_FILE(Method.GET, "/docs/{file}", Access.ANYONE);

    /** A GET is offered as HEAD too. */
    enum Method {
        GET,
        POST,
        PATCH,
        DELETE
    }

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
    private final Method method;
    private final String path;
    private final Access access;
    // Immutable by Set.of, which the checker can't see from the type.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<String> query;

    Operation(Method method, String path, Access access, String... query) {
        this.method = method;
        this.path = path;
        this.access = access;
        this.query = Set.of(query);
    }

    Method method() {
        return method;
    }

    /** With names in braces where parameters stand. */
    String path() {
        return path;
    }

    /** Who may come in. */
    Access access() {
        return access;
    }

    /** Whether it takes events in, so that a refusal says whether any was appended. */
    boolean appends() {
        return method == Method.POST && access.scope().equals(Optional.of(Scope.EVENTS_WRITE));
    }

    /** Whether its requests are counted; what tells of the service itself is asked by machines that must be answered. */
    boolean limited() {
        return path.startsWith("/v1/");
    }

    /** What it is called in rules and records. */
    String word() {
        return word;
    }

    /** Names of the query parameters that it takes; others are refused. */
    Set<String> query() {
        return query;
    }

    /** What it answers with when all is well; empty where that is a matter of what is asked for. */
    Optional<String> produces() {
        return switch (this) {
            case OPENAPI -> Optional.of(Answers.YAML);
            case BOARD_STREAM -> Optional.of(Answers.EVENT_STREAM);
            case DOCS -> Optional.of(Answers.HTML);
            case DOCS_FILE -> Optional.empty();
            default -> Optional.of(Answers.JSON);
        };
    }
}
