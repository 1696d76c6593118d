package dev.millrace.ingest.admission;

import dev.millrace.schema.event.Priority;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The events of one call that go to one stream, in the caller's order, and how many of them are answered. */
final class StreamBatch {
    private final Stream stream;
    private final List<Posted> events = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();
    private int answered;
    private int wrongGuesses;

    StreamBatch(Stream stream) {
        this.stream = stream;
    }

    /** Names a stream of events. */
    record Stream(int partition, Priority priority) {}

    Stream stream() {
        return stream;
    }

    void add(Posted event, int place) {
        events.add(event);
        places.add(place);
    }

    /** Answers those of the events left whose lane is closed by now. */
    void refuse(ClosedLanes closed, @Nullable AdmitResult[] results) {
        if (!closed.any()) {
            return;
        }
        int kept = answered;
        for (int i = answered; i < events.size(); i++) {
            @Nullable AdmitResult refusal = closed.refusal(events.get(i).event().lane());
            if (refusal != null) {
                results[places.get(i)] = refusal;
            } else {
                events.set(kept, events.get(i));
                places.set(kept, places.get(i));
                kept++;
            }
        }
        events.subList(kept, events.size()).clear();
        places.subList(kept, places.size()).clear();
    }

    /** The next events to send, oldest first. */
    List<Posted> next(int atMost) {
        return events.subList(answered, Math.min(events.size(), answered + atMost));
    }

    /** Where in the caller's list the n-th of the events that are not answered yet stands. */
    int place(int n) {
        return places.get(answered + n);
    }

    /** The n-th of the events that are not answered yet. */
    Posted event(int n) {
        return events.get(answered + n);
    }

    void answered(int count) {
        answered += count;
        wrongGuesses = 0;
    }

    int left() {
        return events.size() - answered;
    }

    boolean isDone() {
        return left() == 0;
    }

    /** Counts a wrong guess of the dedupe window; false if there were too many in a row. */
    boolean mayGuessAgain(int atMost) {
        return ++wrongGuesses <= atMost;
    }
}
