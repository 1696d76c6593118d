package dev.millrace.schema.settings;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every setting: its name in the environment, what it takes, its default and what it is for. README's table is made from this. */
public enum Setting {
    REDIS_URL("REDIS_URL", Kind.URL, null,
            "`redis://`, `rediss://`, `redis-sentinel://` or several nodes of a Cluster with commas; `up` starts its own"),
    DATABASE_URL("DATABASE_URL", Kind.URL, null, "`postgres://` or `jdbc:postgresql://`; `up` starts its own"),
    PORT("PORT", Kind.PORT, "8080", "port of the API"),
    MANAGEMENT_PORT("MANAGEMENT_PORT", Kind.PORT, "9090", "port of `/livez`, `/readyz`, `/health` and `/metrics` of every role"),
    CONNECTIONS_MAX("MILLRACE_CONNECTIONS_MAX", Kind.COUNT, "8192",
            "connections to the API that are open at the same time; at the bound, idle ones end after a second instead of 30"),
    CORS_ORIGINS("MILLRACE_CORS_ORIGINS", Kind.TEXT, null,
            "origins, with commas, whose pages may call the API from a browser, such as `https://play.example.com`; none otherwise"),
    ADMIN_KEY("MILLRACE_ADMIN_KEY", Kind.SECRET, null, "key of the administrator, at least 24 characters; `up` makes one"),
    KEY_PEPPER("MILLRACE_KEY_PEPPER", Kind.SECRET, null,
            "secret under which API keys and sessions are hashed, at least 24 characters; `up` makes one; changing it ends them all"),
    ENVIRONMENT("MILLRACE_ENVIRONMENT", Kind.NAME, "live",
            "middle part of new API keys, `mr_<environment>_…`: lower-case letters and digits"),
    KEY_GRACE("MILLRACE_KEY_GRACE", Kind.DURATION, "7d", "how long an API key lives on after its rotation, 1s to 365d"),
    JWT_SECRET("MILLRACE_JWT_SECRET", Kind.SECRET, null,
            "secret under which tokens of users are signed, at least 32 characters, or several as `id:secret,id:secret`, of which the first"
                    + " signs; `up` makes one; without it nobody can log in"),
    JWT_TTL("MILLRACE_JWT_TTL", Kind.DURATION, "15m", "how long a token of a user is good for, 1s to 1d"),
    SESSION_IDLE("MILLRACE_SESSION_IDLE", Kind.DURATION, "1d", "after this long without use a session ends"),
    SESSION_MAX("MILLRACE_SESSION_MAX", Kind.DURATION, "30d", "after this long a session ends in any case, at most 366d"),
    OIDC_ISSUER("MILLRACE_OIDC_ISSUER", Kind.URL, null,
            "OpenID provider whose tokens are taken for clients with `registration` set to `provider`"),
    OIDC_AUDIENCE("MILLRACE_OIDC_AUDIENCE", Kind.TEXT, null, "what the provider's tokens must be for; required with an issuer"),
    OIDC_CLIENT_CLAIM("MILLRACE_OIDC_CLIENT_CLAIM", Kind.TEXT, "client", "claim of the provider's tokens that names the client"),
    DATA("MILLRACE_DATA", Kind.PATH, "./data", "folder of `up`: embedded Redis and Postgres, `millrace.env`"),
    NAMESPACE("MILLRACE_NAMESPACE", Kind.NAME, "mr", "first part of every Redis key"),
    PARTITIONS("MILLRACE_PARTITIONS", Kind.COUNT, "64", "how many partitions lanes hash onto; fixed once a namespace is in use"),
    LEASE_TTL("MILLRACE_LEASE_TTL", Kind.DURATION, "3s", "how long a partition waits for an owner that died, 1s to 1m"),
    REDIS_TIMEOUT("MILLRACE_REDIS_TIMEOUT", Kind.DURATION, "800ms", "after this long without an answer the API says 503"),
    DURABILITY("MILLRACE_DURABILITY", Kind.NAME, "primary",
            "`primary`, or `replicas:<n>`: how many replicas must have an event before it is accepted"),
    QUEUE_MAX("MILLRACE_QUEUE_MAX", Kind.COUNT, "100000",
            "unfinished events of one priority a partition holds before producers get 429 `queue-full`"),
    LANE_MAX("MILLRACE_LANE_MAX", Kind.COUNT, "10000", "unfinished events a lane holds before its producers get 429 `lane-full`"),
    CLIENT_MAX("MILLRACE_CLIENT_MAX", Kind.COUNT, "50000",
            "unfinished events of one client in a partition before it gets 429 `client-full`"),
    SCHEDULED_MAX("MILLRACE_SCHEDULED_MAX", Kind.COUNT, "100000",
            "events a partition holds for later before producers of such get 429 `schedule-full`"),
    RUN_AT_MAX("MILLRACE_RUN_AT_MAX", Kind.DURATION, "90d", "how far ahead events may be scheduled, at most 3650d"),
    UNPERSISTED_MAX("MILLRACE_UNPERSISTED_MAX", Kind.COUNT, "100000",
            "events a partition may be ahead of Postgres before its processor pauses"),
    DEAD_MAX("MILLRACE_DEAD_MAX", Kind.COUNT, "10000", "dead letters a partition keeps before it waits for someone to look at them"),
    DEDUPE_WINDOW("MILLRACE_DEDUPE_WINDOW", Kind.DURATION, "1h",
            "how long at least an event id or Idempotency-Key is remembered, 1m to 7d"),
    DEDUPE_MAX("MILLRACE_DEDUPE_MAX", Kind.COUNT, "200000",
            "ids a partition remembers a window; past it events with an id get 429 `dedupe-full`"),
    EVENT_MAX("MILLRACE_EVENT_MAX", Kind.BYTES, "64KiB", "largest event, 1KiB to 1MiB"),
    BULK_ITEMS("MILLRACE_BULK_ITEMS", Kind.COUNT, "10000", "items of one JSON array, at most 100000"),
    BULK_MAX("MILLRACE_BULK_MAX", Kind.BYTES, "8MiB", "largest JSON array, 64KiB to 64MiB"),
    NDJSON_MAX("MILLRACE_NDJSON_MAX", Kind.BYTES, "1GiB", "largest body of NDJSON, which is never held whole, 64KiB to 2047MiB"),
    TYPES("MILLRACE_TYPES", Kind.PATH, null, "folder of event types of your own, a JSON Schema `<type>.json` each"),
    BATCH_MAX("MILLRACE_BATCH_MAX", Kind.COUNT, "500", "events of a partition that are applied in one step, at most 1500"),
    POLICIES("MILLRACE_POLICIES", Kind.PATH, null, "file that says how events of a type are tried; see [handlers](ops/docs/HANDLERS.md)"),
    LIMITS("MILLRACE_LIMITS", Kind.PATH, null, "file that says how many requests may come, and of whom; see [limits](ops/docs/LIMITS.md)"),
    LIMIT_HEADERS("MILLRACE_LIMIT_HEADERS", Kind.NAME, "standard",
            "`standard`, or `both`: answer the older `RateLimit-Limit`, `-Remaining` and `-Reset` too"),
    TRUSTED_PROXIES("MILLRACE_TRUSTED_PROXIES", Kind.TEXT, null,
            "addresses and CIDR ranges, with commas, whose `X-Forwarded-For` and `Forwarded` are believed"),
    STREAM_EVERY("MILLRACE_STREAM_EVERY", Kind.DURATION, "200ms", "how often at most those who watch a board are told, 20ms to 1m"),
    STREAMS_MAX("MILLRACE_STREAMS_MAX", Kind.COUNT, "1000", "streams of boards that a process has open before others get 503"),
    CLIENT_STREAMS_MAX("MILLRACE_CLIENT_STREAMS_MAX", Kind.COUNT, "100",
            "streams of boards that one client has open at a process before it gets 429 `streams-full`"),
    DATABASE_POOL("MILLRACE_DATABASE_POOL", Kind.COUNT, "4", "connections to Postgres a role keeps"),
    PERSIST_BATCH("MILLRACE_PERSIST_BATCH", Kind.COUNT, "4000", "events that one Postgres transaction takes at most"),
    HISTORY_DAYS("MILLRACE_HISTORY_DAYS_AHEAD", Kind.COUNT, "7", "days for which history partitions are made ahead"),
    STOP_TIMEOUT("MILLRACE_STOP_TIMEOUT", Kind.DURATION, "25s", "how long an orderly stop may take"),
    APPEND_FSYNC("MILLRACE_APPENDFSYNC", Kind.NAME, "everysec", "`always` or `everysec`: when `up`'s Redis syncs its append-only file"),
    LOG_FORMAT("MILLRACE_LOG_FORMAT", Kind.NAME, "text", "`text` or `json`"),
    LOG_LEVEL("MILLRACE_LOG_LEVEL", Kind.NAME, "info", "`error`, `warn`, `info` or `debug`"),
    JAVA_HOME("MILLRACE_JAVA_HOME", Kind.PATH, null, "the JDK that the `millrace` script uses; it looks for one by itself otherwise"),
    JAVA_OPTS("MILLRACE_JAVA_OPTS", Kind.TEXT, null, "further options for the JVM");

    private final String variable;
    private final Kind kind;
    private final @Nullable String byDefault;
    private final String description;

    Setting(String variable, Kind kind, @Nullable String byDefault, String description) {
        this.variable = variable;
        this.kind = kind;
        this.byDefault = byDefault;
        this.description = description;
    }

    /** The name in the environment. */
    public String variable() {
        return variable;
    }

    public Kind kind() {
        return kind;
    }

    /** The value where none is given, as one would write it; empty where there is none. */
    public Optional<String> byDefault() {
        return Optional.ofNullable(byDefault);
    }

    /** One line in Markdown. */
    public String description() {
        return description;
    }

    static Optional<Setting> named(String variable) {
        return Arrays.stream(values()).filter(setting -> setting.variable.equals(variable)).findFirst();
    }

    /** What a setting takes. */
    public enum Kind {
        URL("a URL"),
        PORT("a port, 0 to 65535"),
        SECRET("a secret"),
        NAME("a name"),
        PATH("a path"),
        COUNT("a whole number above 0"),
        DURATION("a duration such as 500ms, 3s or 1h"),
        BYTES("a size such as 64KiB or 1MiB"),
        TEXT("text");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }
}
