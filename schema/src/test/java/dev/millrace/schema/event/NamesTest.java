package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NamesTest {
    private static final Pattern FORM = Pattern.compile(Names.PATTERN);

    @Test
    void everyCharacterIsJudgedAsThePatternSays() {
        for (int c = Character.MIN_VALUE; c <= Character.MAX_VALUE; c++) {
            String name = Character.toString((char) c);
            assertThat(Names.valid(name)).as("U+%04X", c).isEqualTo(FORM.matcher(name).matches());
        }
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
