package dev.millrace.ingest.http;

import dev.millrace.ingest.session.Session;
import dev.millrace.ingest.token.VerifiedToken;

/** By what a user was known. */
sealed interface Credentials {
    /**
     * A session.
     *
     * @param secret what opened it
     * @param cookie whether a cookie brought it
     */
    record OfSession(Session session, String secret, boolean cookie) implements Credentials {
        @Override
        public String toString() {
            return "OfSession[" + session + ']';
        }
    }

    /** A signed token. */
    record OfToken(VerifiedToken token) implements Credentials {}
}
