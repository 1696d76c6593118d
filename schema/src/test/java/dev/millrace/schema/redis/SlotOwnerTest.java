package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisURI;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

final class SlotOwnerTest {
    private static final RedisURI ASKED = RedisURI.create("redis://asked:7000");

    @Test
    void mastersAndTheirSlotsAreRead() {
        String view = """
                aa 10.0.0.1:7001@17001 myself,master - 0 0 5 connected 0-2 9 [10->-bb]
                bb 10.0.0.2:7002@17002,b.example master - 0 1 7 connected 3-4
                cc 10.0.0.3:7003@17003 master,fail - 0 1 2 disconnected 5
                dd 10.0.0.4:7004@17004 slave aa 0 1 5 connected
                ee 10.0.0.5:7005@17005 master - 0 1 0 connected
                """;
        assertThat(SlotOwner.read(view, ASKED)).containsExactlyInAnyOrder(new SlotOwner("10.0.0.1", 7001, 5, slots(0, 1, 2, 9)),
                new SlotOwner("b.example", 7002, 7, slots(3, 4)), new SlotOwner("10.0.0.3", 7003, 2, slots(5)));
    }

    @Test
    void aNodeThatDoesNotKnowItsHostIsWhereItWasAsked() {
        assertThat(SlotOwner.read("aa :7001@17001 myself,master - 0 0 5 connected 1\n", ASKED))
                .containsExactly(new SlotOwner("asked", 7000, 5, slots(1)));
        assertThat(SlotOwner.read("aa :0@0 master,noaddr - 0 0 5 disconnected 1\n", ASKED)).isEmpty();
    }

    private static BitSet slots(int... numbers) {
        BitSet slots = new BitSet();
        for (int number : numbers) {
            slots.set(number);
        }
        return slots;
    }
}
