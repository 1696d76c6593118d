package dev.millrace.processor.engine.lane;

import dev.millrace.schema.event.Priority;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Lanes whose turn has come, waiting for a place. Priorities take places by their weights (smooth weighted round-robin, as nginx does it), the
 * clients of a priority one after another, the lanes of a client in the order in which they came.
 */
final class Turns {
    /** Shares of places where all three wait. */
    static final Map<Priority, Integer> WEIGHTS = Map.of(Priority.HIGH, 8, Priority.NORMAL, 4, Priority.LOW, 1);

    private final Map<Priority, SequencedMap<String, ArrayDeque<LaneQueue>>> waiting = new EnumMap<>(Priority.class);
    private final Map<Priority, Integer> credit = new EnumMap<>(Priority.class);
    private final Map<Priority, Integer> creditBefore = new EnumMap<>(Priority.class);

    void add(LaneQueue queue) {
        waiting.computeIfAbsent(queue.lane().priority(), priority -> new LinkedHashMap<>())
                .computeIfAbsent(queue.lane().client(), client -> new ArrayDeque<>()).add(queue);
    }

    /** Puts the one back that was polled last, as if it had not been. */
    void putBack(LaneQueue queue) {
        credit.clear();
        credit.putAll(creditBefore);
        SequencedMap<String, ArrayDeque<LaneQueue>> clients = waiting.computeIfAbsent(queue.lane().priority(),
                priority -> new LinkedHashMap<>());
        ArrayDeque<LaneQueue> lanes = clients.getOrDefault(queue.lane().client(), new ArrayDeque<>());
        lanes.addFirst(queue);
        clients.putFirst(queue.lane().client(), lanes);
    }

    /** The next one, or null if none waits. */
    @Nullable LaneQueue poll() {
        creditBefore.clear();
        creditBefore.putAll(credit);
        Priority next = null;
        int total = 0;
        for (Map.Entry<Priority, SequencedMap<String, ArrayDeque<LaneQueue>>> entry : waiting.entrySet()) {
            if (!entry.getValue().isEmpty()) {
                int weight = WEIGHTS.getOrDefault(entry.getKey(), 1);
                total += weight;
                int now = credit.merge(entry.getKey(), weight, Integer::sum);
                if (next == null || now > credit.getOrDefault(next, 0)) {
                    next = entry.getKey();
                }
            }
        }
        if (next == null) {
            return null;
        }
        credit.merge(next, -total, Integer::sum);
        return pollClient(waiting.getOrDefault(next, new LinkedHashMap<>()));
    }

    private static LaneQueue pollClient(SequencedMap<String, ArrayDeque<LaneQueue>> clients) {
        Map.Entry<String, ArrayDeque<LaneQueue>> client = clients.entrySet().iterator().next();
        ArrayDeque<LaneQueue> lanes = client.getValue();
        LaneQueue queue = lanes.remove();
        clients.remove(client.getKey());
        if (!lanes.isEmpty()) {
            // To the end of the round.
            clients.put(client.getKey(), lanes);
        }
        return queue;
    }
}
