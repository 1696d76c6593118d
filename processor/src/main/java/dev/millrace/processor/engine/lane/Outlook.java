package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.Lease;
import dev.millrace.processor.engine.Schedule;
import dev.millrace.processor.engine.Tenure;
import dev.millrace.schema.change.Tries;
import dev.millrace.schema.redis.Keyspace;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks now and then, when something falls due, or when told to, for what no stream shows: scheduled events whose time has come, lanes that were
 * paused, resumed or freed of a dead letter.
 */
final class Outlook {
    private static final long EVERY_MS = 1_000;

    private final LaneScripts scripts;
    private final Schedule schedule;
    private final Lanes lanes;
    private final Clock clock;
    private final AtomicBoolean now = new AtomicBoolean();
    private long dueMs;
    private long lanesDueMs;

    Outlook(LaneScripts scripts, Schedule schedule, Lanes lanes, Clock clock) {
        this.scripts = scripts;
        this.schedule = schedule;
        this.lanes = lanes;
        this.clock = clock;
        this.dueMs = clock.millis();
        this.lanesDueMs = dueMs + EVERY_MS;
    }

    void lookNow() {
        now.set(true);
    }

    boolean isDue() {
        return now.get() || clock.millis() >= dueMs;
    }

    void look(Tenure tenure) {
        boolean told = now.getAndSet(false);
        Lease lease = tenure.lease();
        Schedule.Promoted promoted = schedule.promote(lease);
        long nowMs = clock.millis();
        dueMs = nowMs + promoted.nextDueIn().map(Duration::toMillis).filter(in -> in < EVERY_MS).orElse(EVERY_MS);
        if (told || nowMs >= lanesDueMs) {
            lanesDueMs = nowMs + EVERY_MS;
            lookAtLanes(lease.partition());
        }
    }

    private void lookAtLanes(int partition) {
        lanes.pause(scripts.paused(partition));
        List<LaneQueue> blocked = lanes.blocked();
        if (!blocked.isEmpty()) {
            free(blocked, scripts.tries(partition));
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
        return Duration.ofMillis(dueMs - clock.millis());
    }
}
