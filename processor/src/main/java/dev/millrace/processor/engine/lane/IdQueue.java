package dev.millrace.processor.engine.lane;

import dev.millrace.schema.event.StreamId;
import java.util.Arrays;

/** Stream ids in a ring of 16 bytes each: a lane that is stuck may have many behind its head. */
final class IdQueue {
    private long[] ring = new long[2];
    private int first;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(StreamId id) {
        makeRoom();
        put((first + 2 * size) % ring.length, id);
    }

    void addFirst(StreamId id) {
        makeRoom();
        first = (first + ring.length - 2) % ring.length;
        put(first, id);
    }

    private void makeRoom() {
        if (2 * size == ring.length) {
            long[] wider = Arrays.copyOf(Arrays.copyOfRange(ring, first, ring.length), 2 * ring.length);
            System.arraycopy(ring, 0, wider, ring.length - first, first);
            ring = wider;
            first = 0;
        }
    }

    private void put(int at, StreamId id) {
        ring[at] = id.ms();
        ring[at + 1] = id.seq();
        size++;
    }

    /** The id with that many before it. */
    StreamId get(int place) {
        if (place >= size) {
            throw new IndexOutOfBoundsException(place);
        }
        int at = (first + 2 * place) % ring.length;
        return new StreamId(ring[at], ring[at + 1]);
    }

    /** Takes the first ones out. */
    void remove(int count) {
        if (count > size) {
            throw new IndexOutOfBoundsException(count);
        }
        first = (first + 2 * count) % ring.length;
        size -= count;
        if (size == 0 && ring.length > 64) {
            ring = new long[2];
            first = 0;
        }
    }
}
