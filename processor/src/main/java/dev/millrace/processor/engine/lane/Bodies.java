package dev.millrace.processor.engine.lane;

/**
 * How much of the events that wait in the lanes of a partition is in memory. What there is no room for is known by its id only, and read
 * again when its turn comes.
 */
final class Bodies {
    private static final long CHARS_MAX = 1 << 20;
    /** What an event takes besides its data. */
    private static final int OVERHEAD = 256;

    private long kept;

    /** Whether there is room for one more. */
    boolean hasRoom() {
        return kept < CHARS_MAX;
    }

    void add(LaneEvent event) {
        kept += size(event);
    }

    void remove(LaneEvent event) {
        kept -= size(event);
    }

    private static int size(LaneEvent event) {
        return OVERHEAD + event.event().data().length();
    }
}
