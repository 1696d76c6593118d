package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.Lease;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.redis.Keyspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Begins tries: takes places, marks the beginning in Redis, and only then begins. */
final class Beginnings {
    private static final int BEGIN_MAX = 256;

    private final Desk desk;
    private final Runnable wake;

    Beginnings(Desk desk, Runnable wake) {
        this.desk = desk;
        this.wake = wake;
    }

    /** Begins tries of lanes whose turn it is, as many as there are places. */
    void begin() {
        List<LaneQueue> picked = new ArrayList<>();
        desk.lanes().turns().forEach((type, turns) -> {
            while (picked.size() < BEGIN_MAX) {
                LaneQueue queue = turns.poll();
                if (queue == null) {
                    desk.effects().passOn(type);
                    break;
                }
                if (queue.state() != LaneQueue.State.READY || desk.lanes().parks(queue)) {
                    continue;
                }
                if (!desk.effects().enter(type, isSuspect(queue), wake)) {
                    turns.putBack(queue);
                    break;
                }
                picked.add(queue);
            }
        });
        if (picked.isEmpty()) {
            return;
        }
        Set<LaneQueue> begun = new HashSet<>();
        try {
            begin(picked, begun);
        } finally {
            for (LaneQueue queue : picked) {
                if (!begun.contains(queue)) {
                    desk.effects().leave(String.valueOf(queue.type()), isSuspect(queue));
                }
            }
        }
    }

    private void begin(List<LaneQueue> picked, Set<LaneQueue> begun) {
        desk.fetchHeads(picked.stream().filter(queue -> queue.head() == null).toList());
        Lease lease = desk.tenure().lease();
        List<LaneQueue> heads = picked.stream().filter(queue -> queue.head() != null).toList();
        Instant now = desk.now();
        Map<String, Tries> alone = new LinkedHashMap<>();
        for (LaneQueue queue : heads) {
            if (isSuspect(queue)) {
                alone.put(Keyspace.laneField(queue.lane()), queue.triesOrNone().in(Tries.State.ALONE, now));
            }
        }
        List<Boolean> there = desk.scripts().begin(lease, heads, alone);
        for (int i = 0; i < heads.size(); i++) {
            LaneQueue queue = heads.get(i);
            LaneEvent head = queue.head();
            if (!there.get(i) || head == null) {
                desk.endings().add(new Ending.Vanished(queue));
                continue;
            }
            begun.add(queue);
            boolean wasSuspect = isSuspect(queue);
            queue.tried(queue.begun() + 1, queue.tries());
            desk.lanes().running(queue);
            queue.forgetHead();
            desk.effects().begin(desk.partition(), lease.epoch(), new Try(head, queue.begun(), wasSuspect, now));
        }
    }

    private static boolean isSuspect(LaneQueue queue) {
        Tries tries = queue.tries();
        return tries != null && (tries.state() == Tries.State.SUSPECT || tries.state() == Tries.State.ALONE);
    }
}
