package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginTest {
    @ParameterizedTest
    @CsvSource({"s1767225600000-63936, 1767225600000-63936, true", "e5-0, 5-0, false"})
    void saysInOneLetterWhereItIs(String text, String id, boolean scheduled) {
        Origin origin = new Origin(StreamId.parse(id), scheduled);
        assertThat(origin.toString()).isEqualTo(text);
        assertThat(Origin.parse(text)).isEqualTo(origin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "5-0", "x5-0", "S5-0", "s5", "s5-", "s-5", "s 5-0", "ss5-0"})
    void refusesOtherForms(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Origin.parse(text));
    }

    @Test
    void anEventKeepsTheIdOfItsOrigin() {
        StreamId id = StreamId.parse("9-1");
        Origin origin = new Origin(StreamId.parse("5-0"), true);
        assertThat(EventRef.of(7, Priority.LOW, id, null)).isEqualTo(new EventRef(7, Priority.LOW, id, false));
        assertThat(EventRef.of(7, Priority.LOW, id, origin)).isEqualTo(new EventRef(7, Priority.LOW, StreamId.parse("5-0"), true));
        assertThat(EventRef.of(7, Priority.LOW, id, origin).asOrigin()).isEqualTo(origin);
    }
}
