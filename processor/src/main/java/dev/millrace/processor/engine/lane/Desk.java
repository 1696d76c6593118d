package dev.millrace.processor.engine.lane;

import dev.millrace.processor.engine.Tenure;
import dev.millrace.processor.engine.lane.LaneScripts.Place;
import dev.millrace.schema.event.EventCodec;
import dev.millrace.schema.event.MalformedEntryException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the parts of the work on one partition share: one thread at a time uses it.
 *
 * @param endings of heads, that the next commit makes true
 */
record Desk(int partition, Tenure tenure, Lanes lanes, List<Ending> endings, LaneHandler.Shared shared) {
    /** Events of a lane that are read at once. */
    private static final int AHEAD = 16;

    LaneScripts scripts() {
        return shared.scripts();
    }

    Effects effects() {
        return shared.effects();
    }

    Instant now() {
        return shared.clock().instant();
    }

    boolean isStateful(String type) {
        return shared.states().works(type);
    }

    /**
     * Reads the heads of lanes, and where nothing went wrong with them so far some of those behind them; a head whose entry is gone vanishes
     * with the next commit.
     */
    void fetchHeads(List<LaneQueue> lacking) {
        if (lacking.isEmpty()) {
            return;
        }
        List<Place> places = new ArrayList<>();
        List<LaneQueue> owners = new ArrayList<>();
        BitSet ahead = new BitSet();
        for (LaneQueue queue : lacking) {
            int some = queue.tries() == null && queue.nearby() == 0 && lanes.hasRoom() ? AHEAD : 1;
            for (int i = 0; i < Math.min(some, queue.ids().size()); i++) {
                ahead.set(places.size(), i > 0);
                places.add(new Place(queue.lane().priority(), queue.ids().get(i)));
                owners.add(queue);
            }
        }
        List<Optional<LaneEvent>> events = fetch(places, ahead);
        for (int i = 0; i < places.size(); i++) {
            LaneQueue queue = owners.get(i);
            Optional<LaneEvent> event = events.get(i);
            if (!places.get(i).id().equals(queue.headId())) {
                event.ifPresent(queue::keep);
            } else if (event.isPresent()) {
                queue.know(event.get());
            } else {
                endings.add(new Ending.Vanished(queue));
            }
        }
    }

    /** Reads events that were read before, each empty if its entry is gone. */
    List<Optional<LaneEvent>> fetch(List<Place> places) {
        return fetch(places, new BitSet());
    }

    private List<Optional<LaneEvent>> fetch(List<Place> places, BitSet ahead) {
        List<Map<String, byte[]>> bodies = scripts().bodies(partition, places, ahead);
        List<Optional<LaneEvent>> events = new ArrayList<>(places.size());
        for (int i = 0; i < places.size(); i++) {
            events.add(decoded(places.get(i), bodies.get(i)));
        }
        return events;
    }

    private static Optional<LaneEvent> decoded(Place place, Map<String, byte[]> body) {
        if (body.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LaneEvent(place.id(), EventCodec.decode(place.priority(), body)));
        } catch (MalformedEntryException e) {
            throw new IllegalStateException("entry " + place.id() + ", which was read before, does not read now: " + e.getMessage(), e);
        }
    }

    /** A lane waits, and its head need not be in memory meanwhile. */
    void rest(LaneQueue queue, Instant until) {
        lanes.wait(queue, until);
        queue.forget();
    }
}
