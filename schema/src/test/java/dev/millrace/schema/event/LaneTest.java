package dev.millrace.schema.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class LaneTest {
    @Test
    void clientNameAndPriorityAllTellLanesApart() {
        Lane lane = new Lane("acme", "orders", Priority.NORMAL);
        assertThat(lane).isEqualTo(new Lane("acme", "orders", Priority.NORMAL));
        assertThat(lane).isNotEqualTo(new Lane("globex", "orders", Priority.NORMAL));
        assertThat(lane).isNotEqualTo(new Lane("acme", "returns", Priority.NORMAL));
        assertThat(lane).isNotEqualTo(new Lane("acme", "orders", Priority.HIGH));
    }

    @Test
    void refusesNamesOfAnotherForm() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Lane("ac/me", "orders", Priority.NORMAL))
                .withMessageStartingWith("client ");
        assertThatIllegalArgumentException().isThrownBy(() -> new Lane("acme", "", Priority.NORMAL)).withMessageStartingWith("lane ");
    }
}
