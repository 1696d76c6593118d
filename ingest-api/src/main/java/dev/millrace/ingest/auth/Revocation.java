package dev.millrace.ingest.auth;

/** What became of the wish to revoke a key. */
public enum Revocation {
    /** It opens nothing any more. */
    REVOKED,
    /** It is the client's last live key, and was kept. */
    LAST,
    /** The client has no such live key. */
    UNKNOWN
}
