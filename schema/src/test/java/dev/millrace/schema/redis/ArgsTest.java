package dev.millrace.schema.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ArgsTest {
    @Test
    void keepsTheOrderInWhichArgumentsWereAdded() {
        byte[] raw = {(byte) 0xFF, 0};
        Args args = Args.of("owner", "Ä").add(-9_007_199_254_740_991L).add(raw).addAll(List.of(bytes("x"), bytes("y")))
                .addCounted(List.of("one", "two")).addCounted(List.of());
        assertThat(args.list()).containsExactly(bytes("owner"), bytes("Ä"), bytes("-9007199254740991"), raw, bytes("x"), bytes("y"),
                bytes("2"),
                bytes("one"), bytes("two"), bytes("0"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
