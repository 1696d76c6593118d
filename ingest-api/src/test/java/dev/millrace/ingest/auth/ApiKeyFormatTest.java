package dev.millrace.ingest.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ApiKeyFormatTest {
    /** A key that was given out once must be taken for ever. */
    private static final String GIVEN_OUT = "mr_live_0123456789abcdefghijABCDEFGHIJ";

    private final SecureRandom random = new SecureRandom();

    @Test
    void aNewKeyHasTheForm() {
        String key = ApiKeyFormat.generate("live", random);

        assertThat(key).matches("mr_live_[A-Za-z0-9]{36}");
        assertThat(ApiKeyFormat.matches(key)).isTrue();
        assertThat(ApiKeyFormat.matches(ApiKeyFormat.generate("a", random))).isTrue();
        assertThat(ApiKeyFormat.matches(ApiKeyFormat.generate("abcdefgh12345678", random))).isTrue();
    }

    @Test
    void theChecksumIsTheCrc32OfAllBeforeIt() {
        // CRC-32 of the text, as any other implementation computes it, in base 62.
        assertThat(ApiKeyFormat.matches(GIVEN_OUT + "29Wgyf")).isTrue();
    }

    @Test
    void anyOneWrongCharacterShows() {
        String key = ApiKeyFormat.generate("live", random);
        for (int i = 0; i < key.length(); i++) {
            char other = key.charAt(i) == 'x' ? 'y' : 'x';
            assertThat(ApiKeyFormat.matches(key.substring(0, i) + other + key.substring(i + 1))).as("character %d", i).isFalse();
        }
    }

    @Test
    void twoCharactersThatChangedPlacesShow() {
        String key = ApiKeyFormat.generate("live", random);
        for (int i = 0; i + 1 < key.length(); i++) {
            if (key.charAt(i) != key.charAt(i + 1)) {
                String swapped = key.substring(0, i) + key.charAt(i + 1) + key.charAt(i) + key.substring(i + 2);
                assertThat(ApiKeyFormat.matches(swapped)).as("characters %d and %d", i, i + 1).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mr_", "mr__", "mr_live_", "mr_live_short", "mr__0123456789abcdefghijABCDEFGHIJ000000",
            "mr_LIVE_0123456789abcdefghijABCDEFGHIJ000000", "mr_li_ve_0123456789abcdefghijABCDEFGHIJ000000",
            "mr_toolongtoolongtoo_0123456789abcdefghijABCDEFGHIJ000000", "Bearer mr_live_0123456789abcdefghijABCDEFGHIJ000000",
            "mr_live_0123456789abcdefghijABCDEFGH\u00dcJ000000"})
    void otherTextsAreNoKeys(String text) {
        assertThat(ApiKeyFormat.matches(text)).isFalse();
    }

    @Test
    void everyCharacterIsDrawnEvenly() {
        int[] seen = new int[128];
        int draws = 62_000;
        String drawn = ApiKeyFormat.random(draws, random);
        drawn.chars().forEach(c -> seen[c]++);

        // 1,000 expected each; five standard deviations are 157. A remainder of 256 would give the first 8 characters 1,211.
        Set<Integer> counts = new HashSet<>();
        for (int count : seen) {
            if (count > 0) {
                counts.add(count);
                assertThat(count).isBetween(800, 1_200);
            }
        }
        assertThat(counts.size()).isGreaterThan(1);
        assertThat(drawn.chars().distinct().count()).isEqualTo(62);
    }
}
