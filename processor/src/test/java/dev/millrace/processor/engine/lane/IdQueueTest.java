package dev.millrace.processor.engine.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.event.StreamId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class IdQueueTest {

    @RepeatedTest(20)
    void itIsAQueueWhateverIsDoneToIt() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        IdQueue queue = new IdQueue();
        ArrayDeque<StreamId> model = new ArrayDeque<>();
        for (int i = 0; i < 2_000; i++) {
            StreamId id = new StreamId(i, random.nextLong(10));
            switch (random.nextInt(5)) {
                case 0, 1, 2 -> {
                    queue.add(id);
                    model.add(id);
                }
                case 3 -> {
                    queue.addFirst(id);
                    model.addFirst(id);
                }
                default -> {
                    int count = random.nextInt(Math.min(10, model.size() + 1));
                    queue.remove(count);
                    for (int gone = 0; gone < count; gone++) {
                        model.remove();
                    }
                }
            }
            List<StreamId> all = new ArrayList<>();
            for (int place = 0; place < queue.size(); place++) {
                all.add(queue.get(place));
            }
            assertThat(all).as("seed %d", seed).containsExactlyElementsOf(model);
        }
    }

    @Test
    void whatIsNotThereCantBeHad() {
        IdQueue queue = new IdQueue();
        queue.add(new StreamId(1, 1));
        assertThatThrownBy(() -> queue.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> queue.remove(2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
