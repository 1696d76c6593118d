package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceParentTest {
    private static final String IDS = "-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @ParameterizedTest
    @ValueSource(strings = {"00" + IDS, " 00" + IDS + " ", "cc" + IDS, "01" + IDS + "-what-the-future-will-be-like"})
    void isReadAsFarAsItIsKnown(String text) {
        assertThat(TraceParent.read(text)).contains(new TraceParent("00" + IDS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "ff" + IDS, "00" + IDS + "-more", "01" + IDS + "x", "0x" + IDS,
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0z", "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"})
    void whatIsWrongIsNone(String text) {
        assertThat(TraceParent.read(text)).isEmpty();
    }

    @Test
    void canNotBeWrong() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TraceParent("01" + IDS));
    }
}
