package dev.millrace.ingest.token;

import java.time.Instant;

/**
 * A token that is genuine and in its time.
 *
 * @param denial what it is denied by: of ours, the session that it was given out in; of a provider's, a digest of the token
 * @param ours whether it was given out here
 * @param expiresAt when it is no good any more
 */
public record VerifiedToken(String client, String user, String denial, boolean ours, Instant expiresAt) {}
