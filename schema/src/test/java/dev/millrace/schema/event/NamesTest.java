package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NamesTest {
    private static final Pattern FORM = Pattern.compile(Names.PATTERN);

    @Test
    void everyCharacterIsJudgedAsThePatternSays() {
        assertThat(IntStream.rangeClosed(Character.MIN_VALUE, Character.MAX_VALUE).mapToObj(c -> Character.toString((char) c))
                .filter(name -> Names.valid(name) != FORM.matcher(name).matches())).isEmpty();
    }

    @Test
    void lengthsAreJudgedAsThePatternSays() {
        for (int length = 0; length <= 2 * Names.MAX_LENGTH; length++) {
            String name = "n".repeat(length);
            assertThat(Names.valid(name)).as("%d characters", length).isEqualTo(FORM.matcher(name).matches());
        }
        assertThat(Names.valid("n".repeat(Names.MAX_LENGTH))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "a|b", "{a}", "a\n", "\nа", "é", "🎲"})
    void oneBadCharacterSpoilsTheName(String name) {
        assertThat(Names.valid(name)).isFalse();
    }

    @Test
    void checkGivesTheNameBackOrSaysWhatIsWrong() {
        assertThat(Names.check("player", "a.b_c~d:e@f-9")).isEqualTo("a.b_c~d:e@f-9");
        assertThatIllegalArgumentException().isThrownBy(() -> Names.check("player", "a/b"))
                .withMessage("player must match [A-Za-z0-9._~:@-]{1,64}");
    }
}
