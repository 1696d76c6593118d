package dev.millrace.ingest.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PasswordsTest {
    /** Of the test suite of Argon2's reference implementation. */
    private static final String OF_PASSWORD = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    private final Passwords passwords = new Passwords(new WaitingRoom("test", 2, 8, Duration.ofMinutes(5)));

    @Test
    void aHashIsArgon2idWithSaltAndParametersOfItsOwn() {
        String hash = passwords.hash("correct horse");

        assertThat(hash).matches("\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}");
        assertThat(passwords.hash("correct horse")).isNotEqualTo(hash);
        assertThat(passwords.check("correct horse", hash)).isTrue();
        assertThat(passwords.check("correct horsf", hash)).isFalse();
        assertThat(passwords.check("", hash)).isFalse();
    }

    @Test
    void itAgreesWithTheReferenceAndReadsOtherParameters() {
        assertThat(passwords.check("password", OF_PASSWORD)).isTrue();
        assertThat(passwords.check("passwore", OF_PASSWORD)).isFalse();
    }

    @Test
    void keyboardsThatComposeLettersDifferentlyMakeOnePassword() {
        String composed = "\u00c4pfel-und-Gr\u00fc\u00dfe";
        String decomposed = "A\u0308pfel-und-Gru\u0308\u00dfe";

        assertThat(passwords.check(decomposed, passwords.hash(composed))).isTrue();
        assertThat(passwords.check("Apfel-und-Gru\u00dfe", passwords.hash(composed))).isFalse();
    }

    @Test
    void lengthIsCountedInCharactersAsPeopleDo() {
        assertThat(Passwords.fits("1234567")).isFalse();
        assertThat(Passwords.fits("12345678")).isTrue();
        assertThat(Passwords.fits("\ud83d\ude00".repeat(7))).isFalse();
        assertThat(Passwords.fits("\ud83d\ude00".repeat(128))).isTrue();
        assertThat(Passwords.fits("u\u0308".repeat(7))).as("seven letters, however written").isFalse();
        assertThat(Passwords.fits("x".repeat(129))).isFalse();
    }

    @Test
    void aTextTooLongForAPasswordIsNotComposedFirst() {
        String marks = "a" + "\u0301\u0316".repeat(100_000);

        assertThat(assertTimeoutPreemptively(Duration.ofSeconds(3), () -> Passwords.fits(marks))).isFalse();
        assertThat(Passwords.fits("\u1f82".repeat(128))).isTrue();
        assertThat(Passwords.fits("\u03b1\u0313\u0300\u0345".repeat(128))).as("the letters that are composed of most").isTrue();
        String tooLong = "x".repeat(513);
        assertThat(passwords.check(tooLong, passwords.hash(tooLong))).as("nobody has it").isFalse();
    }

    @Test
    void someProcessorsAreLeftToOthers() {
        assertThat(Passwords.atOnce(1)).isEqualTo(1);
        assertThat(Passwords.atOnce(2)).isEqualTo(1);
        assertThat(Passwords.atOnce(8)).isEqualTo(4);
    }

    @Test
    void whereNobodyHasAPasswordOneIsCheckedAllTheSame() {
        AtomicInteger worked = new AtomicInteger();
        Passwords counted = new Passwords(new WaitingRoom("test", 1, 1, Duration.ofSeconds(30)) {
            @Override
            <T> T call(Callable<T> work) {
                worked.incrementAndGet();
                T result = super.call(work);
                assertThat(result).as("the dummy hash is of the form that is compared, and nobody's").isEqualTo(false);
                return result;
            }
        });

        assertThat(counted.check("correct horse", null)).isFalse();
        assertThat(worked).hasValue(1);
    }

    @Test
    void whatDoesNotFitIntoTheRoomIsBusy() {
        Passwords full = new Passwords(new WaitingRoom("test", 1, 1, Duration.ofNanos(1)));
        assertThatExceptionOfType(BusyException.class).isThrownBy(() -> full.hash("correct horse"));
    }
}
