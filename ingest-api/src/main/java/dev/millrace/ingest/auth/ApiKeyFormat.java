package dev.millrace.ingest.auth;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * The form of API keys: {@code mr_<environment>_}, 30 random base-62 characters (178 bits), and the CRC-32 of all before it as 6 base-62
 * characters. The prefix lets scanners find keys that leaked, the checksum lets us refuse mistyped ones without asking anyone.
 */
final class ApiKeyFormat {
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final String PREFIX = "mr_";
    private static final int RANDOM = 30;
    private static final int CHECKSUM = 6;
    private static final int MAX_ENVIRONMENT = 16;

    private ApiKeyFormat() {}

    /**
     * A new key.
     *
     * @param environment 1 to 16 lower-case letters and digits
     */
    static String generate(String environment, Random random) {
        String body = PREFIX + environment + '_' + random(RANDOM, random);
        return body + checksum(body);
    }

    /** Characters drawn evenly from the alphabet. */
    static String random(int length, Random random) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    /** Whether a text could be a key: it has the form, and its checksum is right. */
    static boolean matches(String text) {
        int body = text.length() - CHECKSUM;
        int environmentEnd = body - RANDOM - 1;
        if (!text.startsWith(PREFIX) || environmentEnd <= PREFIX.length() || environmentEnd > PREFIX.length() + MAX_ENVIRONMENT
                || text.charAt(environmentEnd) != '_') {
            return false;
        }
        for (int i = PREFIX.length(); i < environmentEnd; i++) {
            char c = text.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                return false;
            }
        }
        for (int i = environmentEnd + 1; i < text.length(); i++) {
            if (ALPHABET.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return checksum(text.substring(0, body)).contentEquals(text.subSequence(body, text.length()));
    }

    private static String checksum(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        char[] digits = new char[CHECKSUM];
        long rest = crc.getValue();
        for (int i = CHECKSUM - 1; i >= 0; i--) {
            digits[i] = ALPHABET.charAt((int) (rest % ALPHABET.length()));
            rest /= ALPHABET.length();
        }
        return new String(digits);
    }
}
