package dev.millrace.schema.event;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Base64;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EventIdsTest {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final byte[] SECRET = "0123456789abcdef".getBytes(US_ASCII);
    private static final EventRef REF = new EventRef(5, Priority.NORMAL, StreamId.parse("1767225600000-0"));

    private final EventIds ids = new EventIds(1, SECRET);

    /** Worked out by another implementation; producers keep these ids, so that they must stay readable. */
    @ParameterizedTest
    @CsvSource({"acme, 1, 5, NORMAL, 1767225600000-0, EQABAAUBm3baqAAAEOlPSLhhjg0",
            "acme, 1, 5, HIGH, 1767225600000-0, EAABAAUBm3baqAAAII7qSkaEEbg",
            "acme, 1, 5, LOW, 1767225600000-7, EgABAAUBm3baqAAHQyzAcnyPI1E",
            "acme, 1, 0, NORMAL, 0-256, EQABAAAAAAAAAAABACMlCdiNaU91",
            "globex, 65535, 4095, NORMAL, 281474976710655-9223372036854775807, Ef__D_________9__________xLN4wVCliZC"})
    void anIdStaysWhatItHasAlwaysBeen(String client, int generation, int partition, Priority priority, String id, String text) {
        EventIds ofGeneration = new EventIds(generation, SECRET);
        EventRef ref = new EventRef(partition, priority, StreamId.parse(id));
        assertThat(ofGeneration.encode(client, ref)).isEqualTo(text);
        assertThat(ofGeneration.decode(client, text)).contains(ref);
        assertThat(ofGeneration.unproven(text)).contains(ref);
        assertThat(ofGeneration.decode("another", text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"NORMAL, 1767225600000-0, GQABAAUBm3baqAAASG5NKdK_i30", "HIGH, 1767225600000-63936, GAABAAUBm3baqAD5wPLOj8BoqaO3",
            "LOW, 1767225600000-7, GgABAAUBm3baqAAHcAZAcHy2gMo"})
    void theIdOfAScheduledEventStaysWhatItHasAlwaysBeen(Priority priority, String id, String text) {
        EventRef ref = new EventRef(5, priority, StreamId.parse(id), true);
        assertThat(ids.encode("acme", ref)).isEqualTo(text);
        assertThat(ids.decode("acme", text)).contains(ref);
    }

    @Test
    void everyEventReadsBack() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            for (Priority priority : Priority.values()) {
                StreamId id = new StreamId(random.nextLong(1L << 48), random.nextLong() >>> (1 + random.nextInt(63)));
                EventRef ref = new EventRef(random.nextInt(Partitions.MAX_COUNT), priority, id, random.nextBoolean());
                assertThat(ids.decode("acme", ids.encode("acme", ref))).as("seed %d", seed).contains(ref);
            }
        }
    }

    @Test
    void usualIdsAreShortAndNoIdIsLong() {
        assertThat(ids.encode("acme", REF)).hasSize(27).matches("[A-Za-z0-9_-]+");
        assertThat(ids.encode("acme", new EventRef(5, Priority.NORMAL, StreamId.parse("1767225600000-63936")))).hasSize(28);
        assertThat(ids.encode("acme", new EventRef(4_095, Priority.LOW, new StreamId((1L << 48) - 1, Long.MAX_VALUE)))).hasSize(36);
    }

    @Test
    void anotherClientFindsNothing() {
        assertThat(ids.decode("acme-2", ids.encode("acme", REF))).isEmpty();
        assertThat(ids.decode("", ids.encode("acme", REF))).isEmpty();
    }

    @Test
    void anotherGenerationFindsNothing() {
        assertThat(new EventIds(2, SECRET).decode("acme", ids.encode("acme", REF))).isEmpty();
    }

    @Test
    void anotherSecretFindsNothing() {
        assertThat(new EventIds(1, "0123456789abcdeF".getBytes(US_ASCII)).decode("acme", ids.encode("acme", REF))).isEmpty();
    }

    @Test
    void aChangeOfAnyCharacterIsNoticed() {
        String id = ids.encode("acme", REF);
        for (int i = 0; i < id.length(); i++) {
            for (int other = 0; other < ALPHABET.length(); other++) {
                String changed = id.substring(0, i) + ALPHABET.charAt(other) + id.substring(i + 1);
                assertThat(ids.decode("acme", changed).isPresent()).as(changed).isEqualTo(changed.equals(id));
            }
        }
    }

    @Test
    void aChangeOfAnyBitIsNoticed() {
        byte[] id = Base64.getUrlDecoder().decode(ids.encode("acme", REF));
        for (int bit = 0; bit < 8 * id.length; bit++) {
            byte[] changed = id.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(ids.decode("acme", Base64.getUrlEncoder().withoutPadding().encodeToString(changed))).as("bit %d", bit).isEmpty();
        }
    }

    @Test
    void oneEventHasOneIdOnly() {
        String id = ids.encode("acme", REF);
        assertThat(ids.decode("acme", id)).contains(REF);
        assertThat(ids.decode("acme", id + '=')).isEmpty();
        // The last of 27 characters carries two bits that no byte uses.
        char last = id.charAt(id.length() - 1);
        char twin = ALPHABET.charAt(ALPHABET.indexOf(last) + 1);
        assertThat(ids.decode("acme", id.substring(0, id.length() - 1) + twin)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "AAAA", "not base64!", "EQABAAUBm3baqAAAEOlPSLhhjg", "EQABAAUBm3baqAAAEOlPSLhhjg0A",
            "EQABAAUBm3baqAAAEOlPSLhhjg0\n", " EQABAAUBm3baqAAAEOlPSLhhjg0", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é"})
    void anyOtherTextIsNoId(String text) {
        assertThat(ids.decode("acme", text)).isEmpty();
    }

    @Test
    void textOfAnyLengthIsNoId() {
        for (int length = 0; length < 200; length++) {
            assertThat(ids.decode("acme", "A".repeat(length))).as("%d characters", length).isEmpty();
        }
        assertThat(ids.decode("acme", "A".repeat(1_000_000))).isEmpty();
    }

    @Test
    void eventsThatDifferInOnePartHaveDifferentIds() {
        Set<String> all = new HashSet<>();
        for (Priority priority : Priority.values()) {
            for (int partition : new int[]{0, 1, 255, 256}) {
                for (long seq : new long[]{0, 1, 255, 256, 65_536}) {
                    all.add(ids.encode("acme", new EventRef(partition, priority, new StreamId(1, seq))));
                    all.add(ids.encode("acme", new EventRef(partition, priority, new StreamId(1, seq), true)));
                }
            }
        }
        assertThat(all).hasSize(3 * 4 * 5 * 2);
    }

    @Test
    void refusesAGenerationThatDoesNotFitAndASecretThatIsShort() {
        assertThatIllegalArgumentException().isThrownBy(() -> new EventIds(-1, SECRET));
        assertThatIllegalArgumentException().isThrownBy(() -> new EventIds(65_536, SECRET));
        assertThatIllegalArgumentException().isThrownBy(() -> new EventIds(1, new byte[15]));
    }
}
