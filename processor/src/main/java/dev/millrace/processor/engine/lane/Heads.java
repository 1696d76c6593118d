package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.lane.LaneScripts.Place;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.redis.Keyspace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds out what the heads of lanes are, and what each has to wait for. */
final class Heads {
    /** State events of one lane that are taken from behind its head at once. */
    private static final int RUN = 64;

    private final Desk desk;
    private final Tried tried;
    private final Map<Place, Integer> deliveries = new HashMap<>();
    private final Map<String, Tries> known = new HashMap<>();

    Heads(Desk desk, Tried tried) {
        this.desk = desk;
        this.tried = tried;
    }

    /** What a predecessor left: what it knew of tries, by the field of their lane. */
    void remember(Map<String, Tries> tries) {
        known.putAll(tries);
    }

    /** An entry that was delivered before. */
    void remember(Place place, int delivered) {
        deliveries.put(place, delivered);
    }

    /** What comes from now on was never given out before. */
    void caughtUp() {
        deliveries.clear();
    }

    /** Finds out what is known already of an event that has become the head of its lane. */
    void meet(LaneQueue queue) {
        Tries soFar = known.remove(Keyspace.laneField(queue.lane()));
        if (soFar != null && !soFar.head().equals(queue.headId())) {
            soFar = null;
        }
        int delivered = deliveries.getOrDefault(new Place(queue.lane().priority(), queue.headId()), 1);
        queue.tried(Math.max(delivered - 1, soFar == null ? 0 : soFar.ended()), soFar);
        Try its = tried.of(queue.lane());
        if (its != null && its.outcome() != null && queue.triesOrNone().ended() >= its.attempt()) {
            // Its end was noted, and only the answer to that was lost.
            tried.forget(its);
            its = null;
        }
        if (its != null) {
            // This process is at it still, or was when it had to claim the partition again.
            desk.lanes().running(queue);
        } else if (queue.begun() > queue.triesOrNone().ended() && !isOver(queue.triesOrNone())) {
            Tries cutOff = queue.triesOrNone().cutOff(desk.now(), queue.begun() - queue.triesOrNone().ended());
            desk.endings().add(new Ending.Suspected(queue, cutOff));
        } else {
            desk.lanes().look(queue);
        }
    }

    /** Looks at heads that nobody has looked at: state events join the batch, others wait for their turn, or what else they have to. */
    void decide(List<LaneEvent> batch, Map<LaneQueue, Integer> runs) {
        List<LaneQueue> heads = desk.lanes().takeUnknown(desk.shared().batchMax());
        desk.fetchHeads(heads.stream().filter(this::lacksHead).toList());
        List<LaneQueue> stateful = new ArrayList<>();
        for (LaneQueue queue : heads) {
            if (lacksHead(queue)) {
                continue; // Its entry is gone.
            }
            if (desk.isStateful(String.valueOf(queue.type()))) {
                stateful.add(queue);
            } else {
                decideEffect(queue);
            }
        }
        takeRuns(stateful, batch, runs);
    }

    /** Nothing more is tried, whatever became of tries that nobody waited for. */
    private static boolean isOver(Tries tries) {
        return switch (tries.state()) {
            case BLOCKED, DISCARDED, DYING -> true;
            case RETRYING, SUSPECT, ALONE -> false;
        };
    }

    private boolean lacksHead(LaneQueue queue) {
        boolean ends = queue.triesOrNone().state() == Tries.State.DYING || queue.triesOrNone().state() == Tries.State.DISCARDED;
        return queue.head() == null && (queue.type() == null || ends || desk.isStateful(queue.type()));
    }

    private void decideEffect(LaneQueue queue) {
        Tries tries = queue.triesOrNone();
        boolean isDead = tries.state() == Tries.State.BLOCKED || tries.state() == Tries.State.DISCARDED;
        if (!isDead && !desk.effects().works(String.valueOf(queue.type())) && queue.head() != null) {
            giveUp(queue, tries, "no handler for events of type " + queue.type());
            return;
        }
        switch (tries.state()) {
            case RETRYING -> {
                if (tries.due().isAfter(desk.now())) {
                    desk.rest(queue, tries.due());
                } else {
                    ready(queue);
                }
            }
            case SUSPECT, ALONE -> {
                if (tries.crashes() >= desk.effects().policy(String.valueOf(queue.type())).crashes() && queue.head() != null) {
                    giveUp(queue, tries, "its handler ended the process " + tries.crashes() + " times");
                } else {
                    ready(queue);
                }
            }
            case DYING -> {
                String last = tries.errors().isEmpty() ? "given up" : tries.errors().getLast().error();
                giveUp(queue, tries, last);
            }
            case BLOCKED -> {
                desk.lanes().block(queue);
                queue.forget();
            }
            case DISCARDED -> {
                LaneEvent head = queue.head();
                if (head != null) {
                    desk.endings().add(new Ending.Discarded(queue, head, tries));
                }
            }
        }
    }

    private void ready(LaneQueue queue) {
        desk.lanes().ready(queue);
        if (!desk.lanes().hasRoom()) {
            queue.forgetHead();
        }
    }

    private void giveUp(LaneQueue queue, Tries tries, String reason) {
        LaneEvent head = queue.head();
        if (head != null) {
            desk.endings().add(new Ending.GivenUp(queue, head, tries, reason));
        }
    }

    /** State events at the head of lanes, and those that follow on them. */
    private void takeRuns(List<LaneQueue> stateful, List<LaneEvent> batch, Map<LaneQueue, Integer> runs) {
        List<Place> places = new ArrayList<>();
        List<LaneQueue> owners = new ArrayList<>();
        int room = desk.shared().batchMax() - batch.size();
        for (LaneQueue queue : stateful) {
            LaneEvent head = queue.head();
            if (room <= 0 || head == null) {
                desk.lanes().look(queue);
                continue;
            }
            batch.add(head);
            runs.put(queue, 1);
            room--;
            for (int i = 1; i < Math.min(queue.ids().size(), RUN) && room > 0; i++, room--) {
                places.add(new Place(queue.lane().priority(), queue.ids().get(i)));
                owners.add(queue);
            }
        }
        if (places.isEmpty()) {
            return;
        }
        List<Optional<LaneEvent>> events = desk.fetch(places);
        Set<LaneQueue> over = new HashSet<>();
        for (int i = 0; i < places.size(); i++) {
            LaneQueue queue = owners.get(i);
            Optional<LaneEvent> event = events.get(i);
            if (event.isEmpty() || !desk.isStateful(event.get().event().type())) {
                over.add(queue);
            }
            if (!over.contains(queue)) {
                batch.add(event.orElseThrow());
                runs.merge(queue, 1, Integer::sum);
            }
        }
    }
}
