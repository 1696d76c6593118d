package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.lane.LaneQueue.State;
import dev.millrace.schema.event.Lane;
import dev.millrace.schema.event.StreamId;
import dev.millrace.schema.redis.Keyspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a partition that have events in hand, and which of them may go on: order and turns, without any doing. Lanes whose events are
 * finished as soon as they are read never come here.
 */
final class Lanes {
    private final Bodies bodies = new Bodies();
    private final Map<Lane, LaneQueue> queues = new HashMap<>();
    private final SequencedSet<LaneQueue> unknown = new LinkedHashSet<>();
    private final Map<String, Turns> ready = new LinkedHashMap<>();
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(Comparator.comparing(Waiting::due));
    private final Set<LaneQueue> parked = new LinkedHashSet<>();
    private Set<String> paused = Set.of();
    private int held;

    private record Waiting(Instant due, LaneQueue queue, StreamId head) {}

    boolean isEmpty() {
        return queues.isEmpty();
    }

    /** How many lanes are here. */
    int size() {
        return queues.size();
    }

    /** How many events are here. */
    int events() {
        return queues.values().stream().mapToInt(queue -> queue.ids().size()).sum();
    }

    /** Whether there is room in memory for more of the events that wait. */
    boolean hasRoom() {
        return bodies.hasRoom();
    }

    /** How many lanes have at least so many events. */
    long longerThan(int events) {
        return queues.values().stream().filter(queue -> queue.ids().size() >= events).count();
    }

    /** How many lanes can't go on for now, after a failure. */
    int held() {
        return held;
    }

    @Nullable LaneQueue of(Lane lane) {
        return queues.get(lane);
    }

    /** Whether an event of this lane may be worked at once: nothing is before it, and nobody has paused the lane. */
    boolean isFree(Lane lane) {
        return !queues.containsKey(lane) && (paused.isEmpty() || !paused.contains(Keyspace.laneField(lane)));
    }

    /**
     * Puts an event behind those of its lane.
     *
     * @return the lane, if the event is its head now; it must be given something to wait for
     */
    Optional<LaneQueue> add(LaneEvent event) {
        Lane lane = event.event().lane();
        LaneQueue queue = queues.computeIfAbsent(lane, its -> new LaneQueue(its, bodies));
        queue.ids().add(event.id());
        if (queue.ids().size() == 1) {
            queue.know(event);
            return Optional.of(queue);
        }
        queue.keep(event);
        return Optional.empty();
    }

    /**
     * Puts events of a lane that could not be worked at once before all others that it has here.
     *
     * @param events in order
     * @return the lane; it must be given something to wait for
     */
    LaneQueue putBack(Lane lane, List<LaneEvent> events) {
        LaneQueue queue = queues.computeIfAbsent(lane, its -> new LaneQueue(its, bodies));
        become(queue, State.UNKNOWN);
        queue.prepend(events.stream().map(LaneEvent::id).toList());
        return queue;
    }

    /** The lane is to be looked at. */
    void look(LaneQueue queue) {
        become(queue, State.UNKNOWN);
        unknown.add(queue);
    }

    /** The lane's head, whose type is known, waits for its turn. */
    void ready(LaneQueue queue) {
        become(queue, State.READY);
        if (!paused.isEmpty() && paused.contains(Keyspace.laneField(queue.lane()))) {
            parked.add(queue);
        } else {
            ready.computeIfAbsent(String.valueOf(queue.type()), type -> new Turns()).add(queue);
        }
    }

    void running(LaneQueue queue) {
        become(queue, State.RUNNING);
    }

    void wait(LaneQueue queue, Instant until) {
        become(queue, State.WAITING);
        queue.waitUntil(until);
        waiting.add(new Waiting(until, queue, queue.headId()));
    }

    void block(LaneQueue queue) {
        become(queue, State.BLOCKED);
    }

    /** The first events of a lane have ended. */
    void advance(LaneQueue queue, int count) {
        become(queue, State.UNKNOWN);
        queue.advance(count);
        if (queue.ids().isEmpty()) {
            queues.remove(queue.lane(), queue);
        } else {
            unknown.add(queue);
        }
    }

    /** Lanes whose head nobody has looked at, at most so many; each must be given something to wait for. */
    List<LaneQueue> takeUnknown(int max) {
        List<LaneQueue> taken = new ArrayList<>();
        while (taken.size() < max && !unknown.isEmpty()) {
            LaneQueue queue = unknown.removeFirst();
            if (queue.state() != State.UNKNOWN || queues.get(queue.lane()) != queue) {
                continue;
            }
            if (!paused.isEmpty() && paused.contains(Keyspace.laneField(queue.lane()))) {
                parked.add(queue);
            } else {
                taken.add(queue);
            }
        }
        return taken;
    }

    boolean hasUnknown() {
        return !unknown.isEmpty();
    }

    /** Those whose time has come are to be looked at. */
    void wake(Instant now) {
        while (!waiting.isEmpty() && !waiting.element().due().isAfter(now)) {
            Waiting first = waiting.remove();
            LaneQueue queue = first.queue();
            if (queue.state() == State.WAITING && queue.due().equals(first.due()) && queue.headId().equals(first.head())) {
                look(queue);
            }
        }
    }

    Optional<Instant> nextDue() {
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.element().due());
    }

    /** The types of which lanes wait for a place, and those lanes. */
    Map<String, Turns> turns() {
        return ready;
    }

    /** Lanes that wait for a person. */
    List<LaneQueue> blocked() {
        return queues.values().stream().filter(queue -> queue.state() == State.BLOCKED).toList();
    }

    /** Says which lanes are paused now. Those that are no longer go on. */
    void pause(Set<String> fields) {
        if (fields.equals(paused)) {
            return;
        }
        paused = fields;
        for (LaneQueue queue : List.copyOf(parked)) {
            if (!fields.contains(Keyspace.laneField(queue.lane()))) {
                parked.remove(queue);
                look(queue);
            }
        }
    }

    /** Whether the lane is paused; one that waits for its turn is put aside then. */
    boolean parks(LaneQueue queue) {
        if (!paused.isEmpty() && paused.contains(Keyspace.laneField(queue.lane()))) {
            parked.add(queue);
            return true;
        }
        return false;
    }

    private void become(LaneQueue queue, State next) {
        held += (holds(next) ? 1 : 0) - (holds(queue.state()) ? 1 : 0);
        queue.become(next);
    }

    private static boolean holds(State state) {
        return state == State.WAITING || state == State.BLOCKED;
    }
}
