package dev.millrace.processor.engine.lane;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets many tries be under way in this process, or one alone. An event that may have ended a process is tried alone, so that it harms nobody
 * if it does so again, and is known as the culprit. Who waits to be alone lets nobody else begin.
 */
final class Solitude {
    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private final Set<Runnable> waitingAlone = new LinkedHashSet<>();
    private int together;
    private boolean alone;

    /** Begins beside others, or has {@code later} called when it may. */
    synchronized boolean joinOthers(Runnable later) {
        if (alone || !waitingAlone.isEmpty()) {
            waiting.add(later);
            return false;
        }
        together++;
        return true;
    }

    /** Begins while nothing else is under way, or has {@code later} called when it may. */
    synchronized boolean beAlone(Runnable later) {
        if (alone || together > 0) {
            waitingAlone.add(later);
            return false;
        }
        alone = true;
        waitingAlone.remove(later);
        return true;
    }

    /** Ends what began. */
    void leave(boolean wasAlone) {
        List<Runnable> next = new ArrayList<>();
        synchronized (this) {
            if (wasAlone) {
                alone = false;
            } else {
                together--;
            }
            if (!alone && together == 0) {
                next.addAll(waitingAlone);
                waitingAlone.clear();
            }
            if (waitingAlone.isEmpty()) {
                next.addAll(waiting);
                waiting.clear();
            }
        }
        next.forEach(Runnable::run);
    }

    /** Forgets one who waits: its partition has gone to another process. */
    void forget(Runnable later) {
        boolean opens;
        List<Runnable> next = new ArrayList<>();
        synchronized (this) {
            waiting.remove(later);
            opens = waitingAlone.remove(later) && waitingAlone.isEmpty() && !alone;
            if (opens) {
                next.addAll(waiting);
                waiting.clear();
            }
        }
        next.forEach(Runnable::run);
    }
}
