package dev.millrace.ops.embedded;

import java.security.SecureRandom;
import java.util.Base64;

/** Random secrets of 256 bits, in letters, digits, {@code -} and {@code _}: safe in URLs, shells and configuration files. */
final class Secrets {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    static String next() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
