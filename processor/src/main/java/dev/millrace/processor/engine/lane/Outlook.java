package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.Schedule;
import dev.millrace.processor.engine.Tenure;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.redis.Keyspace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks now and then, when something falls due, or when told to, for what no stream shows: scheduled events whose time has come, lanes that were
 * paused, resumed or freed of a dead letter.
 */
final class Outlook {
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final LaneScripts scripts;
    private final Schedule schedule;
    private final Lanes lanes;
    private final AtomicBoolean now = new AtomicBoolean();
    // Not by the clock, which may be set back.
    private long dueNanos;
    private long lanesDueNanos;

    Outlook(LaneScripts scripts, Schedule schedule, Lanes lanes) {
        this.scripts = scripts;
        this.schedule = schedule;
        this.lanes = lanes;
        this.dueNanos = System.nanoTime();
        this.lanesDueNanos = dueNanos + EVERY.toNanos();
    }

    void lookNow() {
        now.set(true);
    }

    boolean isDue() {
        return now.get() || System.nanoTime() - dueNanos >= 0;
    }

    void look(Tenure tenure) {
        boolean told = now.getAndSet(false);
        Lease lease = tenure.lease();
        Schedule.Promoted promoted = schedule.promote(lease);
        long nowNanos = System.nanoTime();
        dueNanos = nowNanos + promoted.nextDueIn().filter(in -> in.compareTo(EVERY) < 0).orElse(EVERY).toNanos();
        if (told || nowNanos - lanesDueNanos >= 0) {
            lanesDueNanos = nowNanos + EVERY.toNanos();
            lookAtLanes(lease.partition());
        }
    }

    private void lookAtLanes(int partition) {
        lanes.pause(scripts.paused(partition));
        List<LaneQueue> blocked = lanes.blocked();
        if (!blocked.isEmpty()) {
            free(blocked, scripts.tries(partition, blocked));
        }
    }

    private void free(List<LaneQueue> blocked, Map<String, Tries> tries) {
        for (LaneQueue queue : blocked) {
            Tries now = tries.get(Keyspace.laneField(queue.lane()));
            if (now == null || now.state() != Tries.State.BLOCKED || !now.head().equals(queue.headId())) {
                // Who freed it has set the pending list back to its delivery.
                queue.tried(now == null ? 0 : now.ended(), now);
                lanes.look(queue);
            }
        }
    }

    Duration next() {
        return Duration.ofNanos(dueNanos - System.nanoTime());
    }
}
