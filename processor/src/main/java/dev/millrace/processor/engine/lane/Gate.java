package dev.millrace.processor.engine.lane;

import java.util.ArrayDeque;
import java.util.Queue;

/** A number of places, and those who want to hear when one gets free, first come first served. */
final class Gate {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int places;

    Gate(int places) {
        this.places = places;
    }

    /** Takes a place, or has {@code later} called once when one gets free. */
    synchronized boolean enter(Runnable later) {
        if (places > 0) {
            places--;
            return true;
        }
        if (!waiting.contains(later)) {
            waiting.add(later);
        }
        return false;
    }

    /** Gives a place back. */
    void leave() {
        synchronized (this) {
            places++;
        }
        passOn();
    }

    /** Calls the next who waits, if there is a place: whoever was called before had no use for it. */
    void passOn() {
        Runnable next;
        synchronized (this) {
            next = places > 0 ? waiting.poll() : null;
        }
        if (next != null) {
            next.run();
        }
    }

    /** Forgets one who waits: its partition has gone to another process. */
    synchronized void forget(Runnable later) {
        waiting.remove(later);
    }
}
