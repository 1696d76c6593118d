package dev.millrace.processor.engine.lane;

import dev.millrace.processor.effect.Outcome;
import dev.millrace.schema.event.Lane;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The tries of a partition that were begun in this process and whose end nobody has noted yet: at most one a lane. */
final class Tried {
    private final Map<Lane, Try> byLane = new ConcurrentHashMap<>();
    private volatile @Nullable Runnable listener;

    /** Who is told when a try has ended. */
    void listen(Runnable who) {
        listener = who;
    }

    void begun(Try begun) {
        byLane.put(begun.lane(), begun);
    }

    void ended(Try begun, Outcome how) {
        begun.ended(how);
        Runnable who = listener;
        if (who != null) {
            who.run();
        } else if (begun.isAbandoned()) {
            forget(begun);
        }
    }

    @Nullable Try of(Lane lane) {
        return byLane.get(lane);
    }

    /** Those that have ended. */
    List<Try> ended() {
        return byLane.values().stream().filter(begun -> begun.outcome() != null).toList();
    }

    /** Whether one is under way and in time, or has ended without being noted. */
    boolean isWaitedFor() {
        return byLane.values().stream().anyMatch(begun -> begun.outcome() != null || !begun.isGivenUp());
    }

    /** The end of a lane's try is noted, if it had one that ended. */
    void forgetEnd(Lane lane) {
        Try its = byLane.get(lane);
        if (its != null && its.outcome() != null) {
            forget(its);
        }
    }

    /** Its end is noted, or of no interest any more. */
    void forget(Try begun) {
        byLane.remove(begun.lane(), begun);
    }

    /** What they do is another process's to do now: all are asked to end, and how they do is of no interest. */
    void abandon() {
        byLane.values().removeIf(begun -> begun.outcome() != null);
        byLane.values().forEach(Try::abandon);
    }

    /** Nobody is told any more. */
    void unlisten() {
        listener = null;
    }
}
