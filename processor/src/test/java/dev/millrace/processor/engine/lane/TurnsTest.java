package dev.millrace.processor.engine.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.Priority;
import dev.millrace.schema.event.StreamId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TurnsTest {
    private final Turns turns = new Turns();

    @Test
    void theClientsOfAPriorityTakeTurnsHoweverManyLanesEachHas() {
        for (int i = 0; i < 100; i++) {
            turns.add(lane("big", "l" + i, Priority.NORMAL));
        }
        turns.add(lane("small", "x", Priority.NORMAL));
        turns.add(lane("other", "y", Priority.NORMAL));

        assertThat(clients(5)).containsExactly("big", "small", "other", "big", "big");
    }

    @Test
    void prioritiesTakePlacesByTheirWeightsAndNoneStarves() {
        for (int i = 0; i < 130; i++) {
            for (Priority priority : Priority.values()) {
                turns.add(lane("acme", "l" + i, priority));
            }
        }
        Map<Priority, Integer> taken = new EnumMap<>(Priority.class);
        for (int i = 0; i < 130; i++) {
            taken.merge(turns.poll().lane().priority(), 1, Integer::sum);
        }

        assertThat(taken).isEqualTo(Map.of(Priority.HIGH, 80, Priority.NORMAL, 40, Priority.LOW, 10));
    }

    @Test
    void whoWaitsAloneWaitsForNobody() {
        turns.add(lane("acme", "a", Priority.LOW));

        assertThat(turns.poll()).isNotNull();
        assertThat(turns.poll()).isNull();
    }

    @Test
    void theOneThatWasPutBackIsNext() {
        turns.add(lane("a", "1", Priority.NORMAL));
        turns.add(lane("b", "2", Priority.NORMAL));
        LaneQueue first = turns.poll();
        turns.putBack(first);

        assertThat(turns.poll()).isSameAs(first);
        assertThat(turns.poll()).isNotSameAs(first).isNotNull();
        assertThat(turns.poll()).isNull();
    }

    @Test
    void lookingForAPlaceInVainChangesNobodysShare() {
        for (int i = 0; i < 130; i++) {
            for (Priority priority : Priority.values()) {
                turns.add(lane("acme", "l" + i, priority));
            }
        }
        Map<Priority, Integer> taken = new EnumMap<>(Priority.class);
        for (int i = 0; i < 130; i++) {
            turns.putBack(turns.poll());
            taken.merge(turns.poll().lane().priority(), 1, Integer::sum);
        }

        assertThat(taken).isEqualTo(Map.of(Priority.HIGH, 80, Priority.NORMAL, 40, Priority.LOW, 10));
    }

    private List<String> clients(int count) {
        List<String> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(turns.poll().lane().client());
        }
        return clients;
    }

    private static LaneQueue lane(String client, String name, Priority priority) {
        LaneQueue queue = new LaneQueue(new Lane(client, name, priority), new Bodies());
        queue.ids().add(new StreamId(1, 1));
        return queue;
    }
}
