package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScriptTest {
    private static final String WHOLE = """
            #!lua flags=no-writes
            -- Reads two things.
            -- KEYS: lease, stream
            -- ARGV: owner
            -- Returns: READ | FENCED
            return { 'READ' }
            """;

    @Test
    void takesAScriptWithAWholeHeader() {
        Script script = Script.of("look", WHOLE);
        assertThat(script.name()).isEqualTo("look");
        assertThat(script.source()).isEqualTo(WHOLE);
        assertThat(script.keys()).isEqualTo(2);
        assertThat(script.variadic()).isFalse();
    }

    @Test
    void knowsItsDigestAsRedisDoes() {
        String source = WHOLE.replace("two things", "Ä");
        // sha1sum of the text in UTF-8, as SCRIPT LOAD answers it.
        assertThat(Script.of("look", source).sha1()).isEqualTo("90497a7a5892c6467dc77cc4fb4fe4d86bf04150");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-- KEYS:", "-- ARGV:", "-- Returns:"})
    void refusesAScriptThatLacksAPartOfTheHeader(String part) {
        assertThatIllegalStateException().isThrownBy(() -> Script.of("look", WHOLE.replace(part, "-- Besides:")))
                .withMessage("look.lua lacks the header line " + part);
        assertThatIllegalStateException().isThrownBy(() -> Script.of("look", WHOLE.replaceAll("(?m)^" + part + ".*$", part + " ")))
                .withMessage("look.lua lacks the header line " + part);
        assertThatIllegalStateException().isThrownBy(() -> Script.of("look", WHOLE.replace(part, "  " + part)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "return 1", "-- Reads.\n#!lua\n", "#!lua\n-- KEYS: lease\n-- ARGV: owner\n-- Returns: READ\n",
            "#!lua\n\n-- Reads.\n"})
    void refusesAScriptThatDoesNotSayWhatItDoes(String source) {
        assertThatIllegalStateException().isThrownBy(() -> Script.of("look", source))
                .withMessage("look.lua must start with #!lua and a line that says what it does");
    }

    @Test
    void takesExactlyAsManyKeysAsAreDeclared() {
        Script script = Script.of("look", WHOLE);
        assertThatCode(() -> script.checkKeys(2)).doesNotThrowAnyException();
        assertThatIllegalArgumentException().isThrownBy(() -> script.checkKeys(1)).withMessage("look.lua takes 2 keys, not 1");
        assertThatIllegalArgumentException().isThrownBy(() -> script.checkKeys(3)).withMessage("look.lua takes 2 keys, not 3");
    }

    @Test
    void aLastNameWithAnEllipsisStandsForAnyNumberOfKeys() {
        Script script = Script.of("look", WHOLE.replace("lease, stream", "lease, stream, player…"));
        assertThat(script.keys()).isEqualTo(2);
        assertThat(script.variadic()).isTrue();
        for (int keys : new int[]{2, 3, 1_000}) {
            assertThatCode(() -> script.checkKeys(keys)).doesNotThrowAnyException();
        }
        assertThatIllegalArgumentException().isThrownBy(() -> script.checkKeys(1)).withMessage("look.lua takes 2 or more keys, not 1");
    }

    @Test
    void aSingleNameWithAnEllipsisMayStandForNoKey() {
        Script script = Script.of("look", WHOLE.replace("lease, stream", "player…"));
        assertThatCode(() -> script.checkKeys(0)).doesNotThrowAnyException();
        assertThatCode(() -> script.checkKeys(5)).doesNotThrowAnyException();
    }

    @Test
    void loadsAScriptFromBesideItsClass() {
        assertThat(Script.load(Namespace.class, "open-namespace").keys()).isEqualTo(1);
    }

    @Test
    void saysWhichScriptIsMissing() {
        assertThatIllegalStateException().isThrownBy(() -> Script.load(Namespace.class, "nowhere"))
                .withMessage("missing from the jar: dev.millrace.schema.redis/nowhere.lua");
    }
}
