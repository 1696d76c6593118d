package dev.millrace.ingest.auth;

import java.util.Set;

/** Who sent a request. */
public sealed interface Caller {
    /** Whoever holds MILLRACE_ADMIN_KEY: manages clients, and has no events or boards. */
    record Admin() implements Caller {}

    /**
     * A client, by one of its keys.
     *
     * @param client its id
     * @param keyId which key
     * @param tier which limits apply to it
     * @param scopes what the key may be used for
     */
    record Client(String client, String keyId, String tier, Set<Scope> scopes) implements Caller {
        public Client {
            scopes = Set.copyOf(scopes);
        }
    }

    /**
     * A person who logged in; posts its own scores, reads boards and its own events.
     *
     * @param client whose user it is
     * @param user its id, which is its player's id, too
     */
    record User(String client, String user) implements Caller {}
}
