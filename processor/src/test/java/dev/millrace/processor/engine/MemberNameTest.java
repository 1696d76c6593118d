package dev.millrace.processor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MemberNameTest {
    @Test
    void saysWhichProcessItIsAndIsNeverGivenTwice() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            names.add(MemberName.make());
        }
        assertThat(names).hasSize(100)
                .allSatisfy(name -> assertThat(name).contains("-" + ProcessHandle.current().pid() + "-").doesNotContain(" "));
    }
}
