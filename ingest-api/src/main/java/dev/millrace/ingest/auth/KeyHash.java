package dev.millrace.ingest.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How keys and other secrets that are given out are stored: HMAC-SHA256 under the pepper, which is not in Redis, so that a copy of Redis
 * opens no door.
 */
public final class KeyHash {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec pepper;

    /** Hashes under a pepper. */
    public KeyHash(String pepper) {
        this.pepper = new SecretKeySpec(pepper.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    /** 43 characters of base64url. */
    public String of(String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(pepper);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is part of every JDK", e);
        }
    }
}
