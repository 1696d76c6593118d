package dev.millrace.processor.engine.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.event.Event;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LaneQueueTest {
    private static final Lane LANE = new Lane("acme", "order-7", Priority.NORMAL);

    private final Lanes lanes = new Lanes();

    private static LaneEvent event(long n) {
        return event(n, "{}");
    }

    private static LaneEvent event(long n, String data) {
        return new LaneEvent(new StreamId(1, n), new Event(LANE, "job.do", data, null));
    }

    private LaneQueue queue(int events) {
        for (int n = 0; n < events; n++) {
            lanes.add(event(n));
        }
        LaneQueue queue = lanes.of(LANE);
        assertThat(queue).isNotNull();
        return queue;
    }

    @Test
    void theNextOnesBecomeTheHeadWithoutBeingReadAgain() {
        LaneQueue queue = queue(5);
        assertThat(queue.head()).isEqualTo(event(0));
        lanes.advance(queue, 1);
        assertThat(queue.head()).isEqualTo(event(1));
        assertThat(queue.type()).isEqualTo("job.do");
        lanes.advance(queue, 3);
        assertThat(queue.head()).isEqualTo(event(4));
    }

    @Test
    void aHeadThatIsAtWorkIsHeldElsewhereAndThoseBehindItStay() {
        LaneQueue queue = queue(3);
        lanes.running(queue);
        queue.forgetHead();
        lanes.add(event(3));
        assertThat(queue.head()).isNull();
        lanes.advance(queue, 1);
        assertThat(queue.head()).isEqualTo(event(1));
        assertThat(queue.nearby()).isEqualTo(2);
    }

    @Test
    void aLaneThatStandsStillHoldsIdsOnly() {
        LaneQueue queue = queue(3);
        lanes.block(queue);
        queue.forget();
        lanes.add(event(3));
        assertThat(queue.head()).isNull();
        assertThat(queue.nearby()).isZero();
        assertThat(queue.ids().size()).isEqualTo(4);
        assertThat(queue.keep(event(1))).isFalse();
        lanes.look(queue);
        assertThat(queue.keep(event(2))).as("not the next one").isFalse();
        assertThat(queue.keep(event(1))).isTrue();
        assertThat(queue.keep(event(2))).isTrue();
    }

    @Test
    void onlySoManyAreKeptBehindAHead() {
        LaneQueue queue = queue(3 * LaneQueue.NEAR_MAX);
        assertThat(queue.nearby()).isEqualTo(LaneQueue.NEAR_MAX);
    }

    @Test
    void memoryHasABoundAndIsGivenBack() {
        String large = "\"" + "x".repeat(100_000) + '"';
        for (int n = 0; n < 40; n++) {
            lanes.add(event(n, large));
        }
        LaneQueue queue = lanes.of(LANE);
        assertThat(queue).isNotNull();
        assertThat(lanes.hasRoom()).isFalse();
        assertThat(queue.nearby()).isLessThan(12);
        int kept = queue.nearby();
        lanes.advance(queue, kept + 1);
        assertThat(queue.head()).as("no room was left for it").isNull();
        assertThat(lanes.hasRoom()).isTrue();
    }

    @Test
    void whateverHappensWhatIsKeptIsWhatIsNext() {
        Random random = new Random(20_261_123);
        LaneQueue queue = queue(1);
        long next = 1;
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    if (queue.ids().size() > 1) {
                        lanes.advance(queue, 1 + random.nextInt(queue.ids().size() - 1));
                    }
                }
                case 1 -> queue.forget();
                case 2 -> queue.forgetHead();
                case 3 -> {
                    lanes.block(queue);
                    queue.forget();
                }
                case 4 -> lanes.look(queue);
                default -> {
                    lanes.add(event(next));
                    next++;
                }
            }
            if (queue.head() != null) {
                assertThat(queue.head().id()).isEqualTo(queue.headId());
            }
            assertThat(queue.nearby()).isLessThan(queue.ids().size());
            if (queue.nearby() > 0) {
                List<StreamId> expected = List.of(queue.ids().get(1));
                lanes.advance(queue, 1);
                assertThat(queue.head()).isNotNull();
                assertThat(List.of(queue.head().id())).isEqualTo(expected);
            }
        }
        queue.forget();
        assertThat(lanes.hasRoom()).isTrue();
    }
}
