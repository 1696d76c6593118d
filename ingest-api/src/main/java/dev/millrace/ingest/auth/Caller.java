package dev.millrace.ingest.auth;

/** Who sent a request. */
public sealed interface Caller {
    /** Whoever holds MILLRACE_ADMIN_KEY: manages clients, and has no events or boards. */
    record Admin() implements Caller {}

    /**
     * A client, by one of its keys.
     *
     * @param client its id
     * @param keyId which key
     */
    record Client(String client, String keyId) implements Caller {}
}
