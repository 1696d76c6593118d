package dev.millrace.ingest.session;

import dev.millrace.ingest.auth.KeyHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The secrets that open sessions: {@code mrs_} and 256 random bits in base64url. Redis knows only their HMAC, as with API keys, which is
 * the session's id. Another HMAC of the same secret is what requests with a cookie must show besides, because a cookie alone proves
 * only that some page made a browser send it.
 */
public final class SessionSecrets {
    private static final String PREFIX = "mrs_";
    private static final int BYTES = 32;
    private static final int LENGTH = PREFIX.length() + 43;

    private final KeyHash hash;
    private final SecureRandom random = new SecureRandom();

    public SessionSecrets(KeyHash hash) {
        this.hash = hash;
    }

    String generate() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Whether a text could be a secret of a session, rather than another kind of token. */
    public static boolean matches(String text) {
        return text.length() == LENGTH && text.startsWith(PREFIX);
    }

    /** The id of the session that a secret opens, if there is one. */
    String id(String secret) {
        return hash.of("session:" + secret);
    }

    /** What requests that bring the secret in a cookie must bring in a header. */
    public String csrfToken(String secret) {
        return hash.of("csrf:" + secret);
    }

    /** Whether a header goes with a cookie. */
    public boolean isCsrfToken(String header, String secret) {
        return MessageDigest.isEqual(header.getBytes(StandardCharsets.UTF_8),
                csrfToken(secret).getBytes(StandardCharsets.UTF_8));
    }
}
