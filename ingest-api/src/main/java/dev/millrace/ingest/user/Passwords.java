package dev.millrace.ingest.user;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Hashes passwords with argon2id (RFC 9106) of 19 MiB, two passes and one lane, the least that OWASP's cheat sheet on password storage
 * recommends. What is stored names its parameters, so that a later release can change them.
 *
 * <p>
 * A password is compared in Unicode's form NFC, as RFC 8265 has it, because keyboards differ in how they compose letters.
 */
final class Passwords {
    static final int MIN_LENGTH = 8;
    static final int MAX_LENGTH = 128;
    /**
     * Of a text as it comes, in UTF-16: four for each letter, which is the most that one is composed of. Composing a longer one first to see how
     * long it is then takes time that grows with the square of its length.
     */
    private static final int MAX_RAW_LENGTH = 4 * MAX_LENGTH;

    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final Argon2Function ARGON2ID = Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, HASH_BYTES, Argon2.ID);
    /** Nobody's: what is checked where there is no hash, so that it takes as long. */
    private static final String DUMMY = "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + '$' + base64(SALT_BYTES) + '$'
            + base64(HASH_BYTES);
    /** How many may wait for each that is hashed: some two seconds of work. */
    private static final int WAITING = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final WaitingRoom room;
    private final SecureRandom random = new SecureRandom();

    /** Hashes on half of the processors, which takes 19 MiB each; the others are for those who don't log in. */
    static Passwords onHalfOfTheProcessors() {
        int atOnce = atOnce(Runtime.getRuntime().availableProcessors());
        return new Passwords(new WaitingRoom("passwords", atOnce, WAITING * atOnce, PATIENCE));
    }

    static int atOnce(int processors) {
        return Math.max(1, processors / 2);
    }

    Passwords(WaitingRoom room) {
        this.room = room;
    }

    /** Whether a text may be a password: 8 to 128 characters, whatever they are. */
    static boolean fits(String password) {
        if (password.length() > MAX_RAW_LENGTH) {
            return false;
        }
        String normal = normal(password);
        int length = normal.codePointCount(0, normal.length());
        return length >= MIN_LENGTH && length <= MAX_LENGTH;
    }

    /**
     * The hash of a password with a salt of its own, as {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash}.
     *
     * @throws BusyException if too many wait
     */
    String hash(String password) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return room.call(() -> ARGON2ID.hash(bytes(password), salt).getResult());
    }

    /**
     * Whether a password is the one that was hashed. Takes as long where there is no hash, and where it is too long to be anyone's.
     *
     * @param hash null where nobody has a password; the answer is no
     * @throws BusyException if too many wait
     */
    boolean check(String password, @Nullable String hash) {
        boolean possible = hash != null && password.length() <= MAX_RAW_LENGTH;
        String compared = hash == null ? DUMMY : hash;
        byte[] guess = possible ? bytes(password) : new byte[0];
        boolean same = room.call(
                () -> Argon2Function.getInstanceFromHash(compared).check(guess, compared.getBytes(StandardCharsets.US_ASCII)));
        return same && possible;
    }

    private static String base64(int zeros) {
        return Base64.getEncoder().withoutPadding().encodeToString(new byte[zeros]);
    }

    private static byte[] bytes(String password) {
        return normal(password).getBytes(StandardCharsets.UTF_8);
    }

    private static String normal(String password) {
        return Normalizer.normalize(password, Normalizer.Form.NFC);
    }
}
